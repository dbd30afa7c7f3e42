//! The drivers' part of [`testing`](crate::testing).

pub use super::Described;
use super::{Cells, DedicatedConnection, Link, Postgres, Source, Sqlite, Text, postgres};
use crate::{
    built::BuiltSelect,
    error::Result,
    limits::{Limits, Location},
    value::{Kind, Type, Value},
};

/// Prepares `text` on the database at `location` without running it.
///
/// # Errors
/// The database's error.
pub async fn describe(location: &Location, text: &'static str) -> Result<Described> {
    match location {
        Location::File(path) => Sqlite::reader(path, Limits::default().lock_wait)?.describe(text),
        Location::Postgres(url) => Postgres::connect(url, None).await?.describe(text).await,
    }
}

/// A connection that runs any SQL text.
pub struct RawConnection(DedicatedConnection);

impl RawConnection {
    /// Opens a connection.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn open(location: &Location) -> Result<Self> {
        DedicatedConnection::open(location, Limits::default().lock_wait).await.map(Self)
    }

    /// Runs a statement without parameters, such as BEGIN.
    ///
    /// # Errors
    /// The database's error.
    pub async fn command(&mut self, text: &'static str) -> Result<()> {
        self.0.command(text).await
    }

    /// Runs a statement that yields rows of these kinds.
    ///
    /// # Errors
    /// The database's error.
    pub async fn rows(
        &mut self,
        text: &str,
        params: &[Type],
        row: &[Kind],
        values: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>> {
        let text = Text::Built(text.to_owned());
        match self.0.link() {
            Link::Sqlite(sqlite) => sqlite.rows(&text, &values, |cells| cells.values(row)),
            Link::Postgres(connection) => {
                let rows = postgres::rows(connection, text, params, values).await?;
                rows.iter().map(|found| Cells::of(Source::Postgres(found)).values(row)).collect()
            }
        }
    }

    /// Runs a select to its end, and returns its cost: steps of SQLite's virtual machine, or buffers that PostgreSQL read.
    ///
    /// # Errors
    /// The database's error.
    pub async fn cost(&mut self, select: &BuiltSelect) -> Result<u64> {
        match self.0.link() {
            Link::Sqlite(sqlite) => sqlite.steps(&Text::Built(select.text.clone()), &select.values),
            Link::Postgres(connection) => {
                postgres::buffers(connection, &select.text, &select.types, select.values.clone()).await
            }
        }
    }

    /// Runs a statement that yields no rows, and returns how many rows it touched.
    ///
    /// # Errors
    /// The database's error.
    pub async fn touched(&mut self, text: &str, params: &[Type], values: Vec<Value>) -> Result<u64> {
        self.0.link().touched(Text::Built(text.to_owned()), params, values).await
    }
}
