//! For tests only: prepares and runs any SQL on a connection of its own, outside tenant proofs and queues. The product must not use it.

use model::id::WorkspaceId;

pub use crate::{
    built::BuiltSelect,
    driver::testing::{Described, RawConnection, describe},
    tx::RecordedSelect,
};
use crate::{
    driver::DedicatedConnection,
    error::Result,
    filter::{List, Window},
    limits::{Limits, Location},
    statement::Scoped,
    tx::{ScopedTx, Tx, TxState},
};

/// Runs lists on a connection of its own, and records the selects of which they consist.
pub struct ListRecorder {
    connection: DedicatedConnection,
    state: TxState,
    workspace: WorkspaceId,
}

/// What a list or a count yielded, and the selects that read it.
pub struct Recorded<T> {
    pub value: T,
    pub selects: Vec<RecordedSelect>,
}

impl ListRecorder {
    /// Opens a connection. `few` is how many rows a list sorts instead of finding them in its order, if it is not the product's number.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn open(location: &Location, workspace: WorkspaceId, few: Option<usize>) -> Result<Self> {
        let connection = DedicatedConnection::open(location, Limits::default().lock_wait).await?;
        let mut state = TxState::read(None);
        state.few = few.unwrap_or(state.few);
        Ok(Self { connection, state, workspace })
    }

    /// Reads a window of a list.
    ///
    /// # Errors
    /// The database's error.
    pub async fn list<L: List>(&mut self, query: &L, window: Window) -> Result<Recorded<Vec<L::Row>>> {
        let value = self.tx().list(query, window).await?;
        Ok(self.recorded(value))
    }

    /// Counts a list, up to a limit if there is one.
    ///
    /// # Errors
    /// The database's error.
    pub async fn count<L: List>(&mut self, query: &L, limit: Option<u64>) -> Result<Recorded<u64>> {
        let value = self.tx().count(query, limit).await?;
        Ok(self.recorded(value))
    }

    fn recorded<T>(&mut self, value: T) -> Recorded<T> {
        Recorded { value, selects: self.state.recorded_selects.take().unwrap_or_default() }
    }

    fn tx(&mut self) -> ScopedTx<'_> {
        self.state.recorded_selects = Some(Vec::new());
        Tx::new(self.connection.link(), &mut self.state).into_scope(Scoped(self.workspace))
    }
}
