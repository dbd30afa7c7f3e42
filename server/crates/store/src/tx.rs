//! The transaction that reads and writes get. It can only run statements, and publish what a write changed.

use std::time::Instant;

use model::id::{IdOrName, WorkspaceId};
use sea_query::SelectStatement;

use crate::{
    built::{BuiltSelect, counted, in_workspace},
    changes::Change,
    driver::{Link, Text},
    error::{Error, Result},
    filter::{self, List, Window},
    row::{Bind, Record, Row, Shape},
    statement::{Bulk, ByIdOrName, Scope, Scoped, Statement, System, Unscoped},
    system::ServiceName,
    tenant::WorkspaceProof,
    value::{Column, Kind, Type, Value},
};

/// An open transaction, for the statements of the scope `S`. After the first failed statement it rejects all others, as PostgreSQL does, so
/// that both databases behave alike.
pub struct Tx<'t, S = Unscoped> {
    link: Link<'t>,
    state: &'t mut TxState,
    scope: S,
}

/// A transaction bound to one workspace, which every statement gets as `$1`.
pub type ScopedTx<'t> = Tx<'t, Scoped>;

/// A transaction of a background service, for statements across workspaces.
pub type SystemTx<'t> = Tx<'t, System>;

/// The most rows that a list sorts instead of finding them in its order.
const FEW: usize = 1_000;

/// A select that was run, and the kinds of its columns.
#[derive(Clone, Debug)]
pub struct RecordedSelect {
    pub built: BuiltSelect,
    pub row: Vec<Kind>,
}

/// What one run of a transaction has done so far.
#[derive(Debug)]
pub(crate) struct TxState {
    pub(crate) failure: Option<Error>,
    /// What the write publishes if it is committed.
    pub(crate) changes: Vec<Change>,
    pub(crate) rows_written: u64,
    /// The selects that were built at run time, if a test wants to know them.
    pub(crate) recorded_selects: Option<Vec<RecordedSelect>>,
    /// How many rows a list sorts instead of finding them in its order.
    pub(crate) few: usize,
    deadline: Option<Instant>,
    slot: i64,
    writes: bool,
}

impl TxState {
    /// A transaction that only reads.
    pub(crate) fn read(deadline: Option<Instant>) -> Self {
        Self {
            failure: None,
            changes: Vec::new(),
            rows_written: 0,
            recorded_selects: None,
            few: FEW,
            deadline,
            slot: 0,
            writes: false,
        }
    }

    /// A transaction that writes, with the counter slot of its connection.
    pub(crate) fn write(deadline: Option<Instant>, slot: i64) -> Self {
        Self { slot, writes: true, ..Self::read(deadline) }
    }
}

impl<'t> Tx<'t> {
    pub(crate) fn new(link: Link<'t>, state: &'t mut TxState) -> Self {
        Self { link, state, scope: Unscoped }
    }

    /// Access to the tables of the workspace that the proof names.
    pub fn of(&mut self, proof: &impl WorkspaceProof) -> ScopedTx<'_> {
        self.with_scope(Scoped(proof.workspace()))
    }

    /// Access to the statements of background services.
    pub fn system(&mut self, _service: ServiceName) -> SystemTx<'_> {
        self.with_scope(System)
    }

    /// Runs a migration's script.
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        self.check(true)?;
        let done = self.link.script(text).await;
        self.record_failure(done)
    }

    pub(crate) fn state(&self) -> &TxState {
        self.state
    }

    /// What this run has published.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.state.changes)
    }
}

impl Tx<'_, System> {
    /// Access to the tables of a workspace that a statement of the service returned.
    pub fn of(&mut self, workspace: WorkspaceId) -> ScopedTx<'_> {
        self.with_scope(Scoped(workspace))
    }
}

impl<'t, S: Scope> Tx<'t, S> {
    /// The only row; an error if there is none or more than one.
    pub async fn one<P: Shape, R: Row>(&mut self, statement: &Statement<P, R, S>, values: impl Bind<P>) -> Result<R> {
        let rows = self.all(statement, values).await?;
        let touched = rows.len() as u64;
        match rows.into_iter().next() {
            Some(row) if touched == 1 => Ok(row),
            _ => self.fail(Error::NotOneRow { statement: statement.name, touched }),
        }
    }

    /// The first row, if there is one.
    pub async fn optional<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, S>,
        values: impl Bind<P>,
    ) -> Result<Option<R>> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// All rows.
    pub async fn all<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, S>,
        values: impl Bind<P>,
    ) -> Result<Vec<R>> {
        self.check(false)?;
        let text = self.text(statement.sqlite, statement.postgres);
        let (types, values) = arguments::<P>(self.scope.bound(), values);
        let rows = self.link.rows(text, &types, values, R::from_cells).await;
        self.record_failure(rows)
    }

    /// Runs a statement, and returns how many rows it touched.
    pub async fn run<P: Shape>(&mut self, statement: &Statement<P, (), S>, values: impl Bind<P>) -> Result<u64> {
        self.check(true)?;
        let text = self.text(statement.sqlite, statement.postgres);
        let (types, values) = arguments::<P>(self.scope.bound(), values);
        let touched = self.link.touched(text, &types, values).await;
        let touched = self.record_failure(touched)?;
        self.state.rows_written += touched;
        Ok(touched)
    }

    /// Runs a statement that must touch exactly one row.
    pub async fn exactly_one<P: Shape>(&mut self, statement: &Statement<P, (), S>, values: impl Bind<P>) -> Result<()> {
        let touched = self.run(statement, values).await?;
        if touched == 1 { Ok(()) } else { self.fail(Error::NotOneRow { statement: statement.name, touched }) }
    }

    /// Inserts many rows, in as few statements as the chunk sizes allow, and returns how many rows were touched.
    pub async fn insert<P: Record>(&mut self, bulk: &Bulk<P, S>, rows: &[P]) -> Result<u64>
    where
        for<'p> &'p P: Bind<P>,
    {
        let bound = self.scope.bound();
        let mut touched = 0;
        let mut rest = rows;
        while !rest.is_empty() {
            self.check(true)?;
            let (size, count) = largest_chunk(rest.len(), &Bulk::<P, S>::SIZES);
            let (chunk, after) = rest.split_at(count);
            rest = after;
            let mut values: Vec<Value> = bound.iter().cloned().collect();
            let mut types: Vec<Type> = bound.iter().map(|_| Type::Uuid).collect();
            for row in chunk {
                row.bind(&mut values);
                types.extend(<P as Shape>::KINDS.iter().map(|kind| kind.ty));
            }
            let done = self.link.touched(Text::Bulk(bulk.text(size)), &types, values).await;
            touched += self.record_failure(done)?;
        }
        tracing::trace!(statement = bulk.name, rows = rows.len(), "bulk insert");
        self.state.rows_written += touched;
        Ok(touched)
    }

    /// Publishes a change once this write is committed. What is published by a run that is rolled back is dropped.
    pub fn publish(&mut self, change: Change) {
        self.state.changes.push(change);
    }

    /// Reports that the data which this write read has changed: the write is rolled back and runs again.
    pub fn conflict<T>(&mut self) -> Result<T> {
        self.fail(Error::Conflict)
    }

    /// The counter slot of this connection. No two open transactions of a process have the same.
    #[must_use]
    pub fn slot(&self) -> i64 {
        self.state.slot
    }

    pub(crate) fn into_scope<T>(self, scope: T) -> Tx<'t, T> {
        Tx { link: self.link, state: self.state, scope }
    }

    pub(crate) fn with_scope<T>(&mut self, scope: T) -> Tx<'_, T> {
        Tx { link: self.link.reborrow(), state: self.state, scope }
    }

    fn text(&self, sqlite: &'static str, postgres: &'static str) -> Text {
        Text::Static(match self.link {
            Link::Sqlite(_) => sqlite,
            Link::Postgres(_) => postgres,
        })
    }

    fn check(&mut self, writes: bool) -> Result<()> {
        if self.state.failure.is_some() {
            return Err(Error::AlreadyFailed);
        }
        if writes && !self.state.writes {
            return self.fail(Error::Misuse("a read tried to write"));
        }
        if self.state.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return self.fail(Error::TooSlow("a transaction"));
        }
        Ok(())
    }

    fn record_failure<T>(&mut self, outcome: Result<T>) -> Result<T> {
        outcome.or_else(|error| self.fail(error))
    }

    fn fail<T>(&mut self, error: Error) -> Result<T> {
        self.state.failure.get_or_insert_with(|| error.clone());
        Err(error)
    }
}

impl Tx<'_, Scoped> {
    /// The workspace.
    #[must_use]
    pub fn workspace(&self) -> WorkspaceId {
        self.scope.0
    }

    /// The row of the object with this id or name.
    pub async fn find<I: Column, R: Row>(
        &mut self,
        by: ByIdOrName<'_, I, R>,
        object: &IdOrName<I>,
    ) -> Result<Option<R>> {
        match object {
            IdOrName::Id(id) => self.optional(by.0, (id,)).await,
            IdOrName::Name(name) => self.optional(by.1, (name,)).await,
        }
    }

    /// Runs a statement that locks rows until the write ends. Does nothing on SQLite, where only one write runs at a time.
    pub async fn lock<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Scoped>,
        values: impl Bind<P>,
    ) -> Result<()> {
        match self.link {
            Link::Sqlite(_) => Ok(()),
            Link::Postgres(_) => self.all(statement, values).await.map(drop),
        }
    }

    /// Whether this is SQLite.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self.link, Link::Sqlite(_))
    }

    /// The most rows that a list sorts instead of finding them in its order.
    pub(crate) fn few(&self) -> usize {
        self.state.few
    }

    /// The rows of a list in the window.
    pub async fn list<L: List>(&mut self, query: &L, window: Window) -> Result<Vec<L::Row>> {
        filter::rows(self, query, window).await
    }

    /// How many rows a list has, counted up to a limit if there is one.
    pub async fn count<L: List>(&mut self, query: &L, limit: Option<u64>) -> Result<u64> {
        filter::count(self, query, limit).await
    }

    /// Runs a select over `table` that was built at run time, restricted to this workspace.
    pub async fn select<R: Row>(&mut self, table: &'static str, select: SelectStatement) -> Result<Vec<R>> {
        self.run_built(&in_workspace(self.scope.0, table, select)).await
    }

    /// How many rows such a select yields, counted up to a limit if there is one.
    pub(crate) async fn count_selected(
        &mut self,
        table: &'static str,
        select: SelectStatement,
        limit: Option<u64>,
    ) -> Result<u64> {
        let rows: Vec<(i64,)> = self.run_built(&counted(in_workspace(self.scope.0, table, select), limit)).await?;
        Ok(rows.first().map_or(0, |(rows,)| rows.unsigned_abs()))
    }

    async fn run_built<R: Row>(&mut self, select: &SelectStatement) -> Result<Vec<R>> {
        self.check(false)?;
        let built = BuiltSelect::of(select, self.is_embedded())?;
        if let Some(selects) = &mut self.state.recorded_selects {
            selects.push(RecordedSelect { built: built.clone(), row: R::kinds() });
        }
        let BuiltSelect { text, types, values } = built;
        let rows = self.link.rows(Text::Built(text), &types, values, R::from_cells).await;
        self.record_failure(rows)
    }
}

fn arguments<P: Shape>(bound: Option<Value>, values: impl Bind<P>) -> (Vec<Type>, Vec<Value>) {
    let mut all = Vec::with_capacity(P::KINDS.len() + 1);
    let workspace = bound.as_ref().map(|_| Type::Uuid);
    all.extend(bound);
    values.bind(&mut all);
    (workspace.into_iter().chain(P::KINDS.iter().map(|kind: &Kind| kind.ty)).collect(), all)
}

/// The index and the row count of the largest chunk size that is at most `rows`.
fn largest_chunk(rows: usize, sizes: &[usize]) -> (usize, usize) {
    let fits = sizes.iter().position(|size| *size <= rows).unwrap_or(sizes.len() - 1);
    (fits, sizes[fits])
}
