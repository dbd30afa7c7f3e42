//! The transaction that reads and writes get. It can only run statements.

use std::time::Instant;

use model::id::WorkspaceId;
use sea_query::SelectStatement;

use crate::{
    built::{BuiltSelect, count_up_to, in_workspace},
    driver::{Link, Text},
    error::{Error, Result},
    row::{Bind, Record, Row, Shape},
    statement::{Bulk, Scope, Scoped, Statement, System, Unscoped},
    system::ServiceName,
    tenant::Tenant,
    value::{Column, Kind, Type, Value},
};

/// An open transaction. After the first failed statement it rejects all others, as PostgreSQL does, so that both databases behave alike.
pub struct Tx<'c> {
    pub(crate) link: Link<'c>,
    pub(crate) failure: Option<Error>,
    deadline: Option<Instant>,
    slot: i64,
    writes: bool,
    rows_written: u64,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(link: Link<'c>, deadline: Option<Instant>, slot: i64, writes: bool) -> Self {
        Self { link, failure: None, deadline, slot, writes, rows_written: 0 }
    }

    /// The counter slot of this connection. No two open transactions of a process have the same.
    #[must_use]
    pub fn slot(&self) -> i64 {
        self.slot
    }

    /// How many rows this transaction inserted, updated or deleted so far.
    #[must_use]
    pub fn rows_written(&self) -> u64 {
        self.rows_written
    }

    /// Access to the tables of the tenant's workspace.
    pub fn of(&mut self, tenant: &Tenant) -> ScopedTx<'_, 'c> {
        ScopedTx { tx: self, workspace: tenant.workspace() }
    }

    /// Access to the statements of background loops.
    pub fn system(&mut self, _service: ServiceName) -> SystemTx<'_, 'c> {
        SystemTx { tx: self }
    }

    /// The only row; an error if there is none or more than one.
    pub async fn one<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Unscoped>,
        values: impl Bind<P>,
    ) -> Result<R> {
        let rows = self.all(statement, values).await?;
        self.only_row(statement.name, rows)
    }

    /// The first row, if there is one.
    pub async fn optional<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Unscoped>,
        values: impl Bind<P>,
    ) -> Result<Option<R>> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// All rows.
    pub async fn all<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Unscoped>,
        values: impl Bind<P>,
    ) -> Result<Vec<R>> {
        self.rows(statement, None, values).await
    }

    /// Runs a statement, and returns how many rows it touched.
    pub async fn run<P: Shape>(&mut self, statement: &Statement<P, (), Unscoped>, values: impl Bind<P>) -> Result<u64> {
        self.touched(statement, None, values).await
    }

    /// Runs a statement that must touch exactly one row.
    pub async fn exactly_one<P: Shape>(
        &mut self,
        statement: &Statement<P, (), Unscoped>,
        values: impl Bind<P>,
    ) -> Result<()> {
        let touched = self.run(statement, values).await?;
        self.must_be_one(statement.name, touched)
    }

    /// Runs a migration's script.
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        self.check(true)?;
        let done = self.link.script(text).await;
        self.record_failure(done)
    }

    /// Reports that the data which this write read has changed: the write is rolled back and runs again.
    pub fn conflict<T>(&mut self) -> Result<T> {
        self.fail(Error::Conflict)
    }

    async fn rows<P: Shape, R: Row, S>(
        &mut self,
        statement: &Statement<P, R, S>,
        bound: Option<Value>,
        values: impl Bind<P>,
    ) -> Result<Vec<R>> {
        self.check(false)?;
        let text = self.text(statement.sqlite, statement.postgres);
        let (types, values) = arguments::<P>(bound, values);
        let rows = self.link.rows(text, &types, values).await;
        self.record_failure(rows)
    }

    async fn touched<P: Shape, R, S>(
        &mut self,
        statement: &Statement<P, R, S>,
        bound: Option<Value>,
        values: impl Bind<P>,
    ) -> Result<u64> {
        self.check(true)?;
        let text = self.text(statement.sqlite, statement.postgres);
        let (types, values) = arguments::<P>(bound, values);
        let touched = self.link.touched(text, &types, values).await;
        let touched = self.record_failure(touched)?;
        self.rows_written += touched;
        Ok(touched)
    }

    async fn insert_chunks<P: Record, S: Scope>(
        &mut self,
        bulk: &Bulk<P, S>,
        bound: Option<Value>,
        rows: &[P],
    ) -> Result<u64>
    where
        for<'p> &'p P: Bind<P>,
    {
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
        self.rows_written += touched;
        Ok(touched)
    }

    async fn select<R: Row>(&mut self, select: &SelectStatement) -> Result<Vec<R>> {
        self.check(false)?;
        let BuiltSelect { text, types, values } = BuiltSelect::of(select, matches!(self.link, Link::Sqlite(_)))?;
        let rows = self.link.rows(Text::Built(text), &types, values).await;
        self.record_failure(rows)
    }

    fn text(&self, sqlite: &'static str, postgres: &'static str) -> Text {
        Text::Static(match self.link {
            Link::Sqlite(_) => sqlite,
            Link::Postgres(_) => postgres,
        })
    }

    fn only_row<R>(&mut self, statement: &'static str, rows: Vec<R>) -> Result<R> {
        let touched = rows.len() as u64;
        match rows.into_iter().next() {
            Some(row) if touched == 1 => Ok(row),
            _ => self.fail(Error::NotOneRow { statement, touched }),
        }
    }

    fn must_be_one(&mut self, statement: &'static str, touched: u64) -> Result<()> {
        if touched == 1 { Ok(()) } else { self.fail(Error::NotOneRow { statement, touched }) }
    }

    fn check(&mut self, writes: bool) -> Result<()> {
        if self.failure.is_some() {
            return Err(Error::AlreadyFailed);
        }
        if writes && !self.writes {
            return self.fail(Error::Misuse("a read tried to write"));
        }
        if self.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return self.fail(Error::TooSlow("a transaction"));
        }
        Ok(())
    }

    fn record_failure<T>(&mut self, outcome: Result<T>) -> Result<T> {
        outcome.or_else(|error| self.fail(error))
    }

    fn fail<T>(&mut self, error: Error) -> Result<T> {
        self.failure.get_or_insert_with(|| error.clone());
        Err(error)
    }
}

/// A transaction bound to one workspace, which every statement gets as `$1`.
pub struct ScopedTx<'t, 'c> {
    tx: &'t mut Tx<'c>,
    workspace: WorkspaceId,
}

impl ScopedTx<'_, '_> {
    /// See [`Tx::one`].
    pub async fn one<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Scoped>,
        values: impl Bind<P>,
    ) -> Result<R> {
        let rows = self.all(statement, values).await?;
        self.tx.only_row(statement.name, rows)
    }

    /// See [`Tx::optional`].
    pub async fn optional<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Scoped>,
        values: impl Bind<P>,
    ) -> Result<Option<R>> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// See [`Tx::all`].
    pub async fn all<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Scoped>,
        values: impl Bind<P>,
    ) -> Result<Vec<R>> {
        self.tx.rows(statement, Some(self.workspace.to_value()), values).await
    }

    /// See [`Tx::run`].
    pub async fn run<P: Shape>(&mut self, statement: &Statement<P, (), Scoped>, values: impl Bind<P>) -> Result<u64> {
        self.tx.touched(statement, Some(self.workspace.to_value()), values).await
    }

    /// See [`Tx::exactly_one`].
    pub async fn exactly_one<P: Shape>(
        &mut self,
        statement: &Statement<P, (), Scoped>,
        values: impl Bind<P>,
    ) -> Result<()> {
        let touched = self.run(statement, values).await?;
        self.tx.must_be_one(statement.name, touched)
    }

    /// Runs a statement that locks rows until the write ends. Does nothing on SQLite, where only one write runs at a time.
    pub async fn lock<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, Scoped>,
        values: impl Bind<P>,
    ) -> Result<()> {
        match self.tx.link {
            Link::Sqlite(_) => Ok(()),
            Link::Postgres(_) => self.all(statement, values).await.map(drop),
        }
    }

    /// Inserts many rows, in as few statements as the chunk sizes allow, and returns how many rows were touched.
    pub async fn insert<P: Record>(&mut self, bulk: &Bulk<P, Scoped>, rows: &[P]) -> Result<u64>
    where
        for<'p> &'p P: Bind<P>,
    {
        self.tx.insert_chunks(bulk, Some(self.workspace.to_value()), rows).await
    }

    /// Runs a select over `table` that was built at run time, restricted to this workspace.
    pub async fn select<R: Row>(&mut self, table: &'static str, select: SelectStatement) -> Result<Vec<R>> {
        self.tx.select(&in_workspace(self.workspace, table, select)).await
    }

    /// How many rows such a select yields, count_up_to up to `limit`.
    pub async fn count(&mut self, table: &'static str, select: SelectStatement, limit: u64) -> Result<u64> {
        let rows: Vec<(i64,)> =
            self.tx.select(&count_up_to(in_workspace(self.workspace, table, select), limit)).await?;
        Ok(rows.first().map_or(0, |(rows,)| rows.unsigned_abs()))
    }
}

/// A transaction of a background loop, for statements across workspaces.
pub struct SystemTx<'t, 'c> {
    tx: &'t mut Tx<'c>,
}

impl<'c> SystemTx<'_, 'c> {
    /// Access to the tables of a workspace that a statement of the loop returned.
    pub fn of(&mut self, workspace: WorkspaceId) -> ScopedTx<'_, 'c> {
        ScopedTx { tx: self.tx, workspace }
    }

    /// See [`Tx::all`].
    pub async fn all<P: Shape, R: Row>(
        &mut self,
        statement: &Statement<P, R, System>,
        values: impl Bind<P>,
    ) -> Result<Vec<R>> {
        self.tx.rows(statement, None, values).await
    }

    /// See [`Tx::run`].
    pub async fn run<P: Shape>(&mut self, statement: &Statement<P, (), System>, values: impl Bind<P>) -> Result<u64> {
        self.tx.touched(statement, None, values).await
    }

    /// See [`ScopedTx::insert`].
    pub async fn insert<P: Record>(&mut self, bulk: &Bulk<P, System>, rows: &[P]) -> Result<u64>
    where
        for<'p> &'p P: Bind<P>,
    {
        self.tx.insert_chunks(bulk, None, rows).await
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
