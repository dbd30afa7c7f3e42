//! The database handle: accepts reads and writes, and queues them for the database's threads or connections.

use std::{
    any::type_name,
    path::Path,
    sync::{Arc, Mutex, mpsc as channel},
    time::Duration,
};

use model::{id::IdOrName, page::Page};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::{
    batch::{self, Order},
    changes::{Changes, follow_replicas},
    driver::{DedicatedConnection, Postgres, PostgresReaders, Sqlite},
    error::{Error, Result},
    filter::{List, Window},
    row::{Bind, Row, Shape},
    statement::{ByIdOrName, Scope, Scoped, Statement, Unscoped},
    tenant::WorkspaceProof,
    tx::{Tx, TxState},
    value::{Column, Value},
    write::{Job, Queued, Read, ReadJob, Write},
    writers::{Queue, Writer},
};

pub use crate::limits::{Durability, Limits, Location};

/// How often SQLite is asked whether another process has written.
pub const FIND_FOREIGN_WRITES_EVERY: Duration = Duration::from_millis(250);

/// A handle to the database; clones share everything.
#[derive(Clone)]
pub struct Db {
    writes: Writes,
    reads: Reads,
    /// Permits for [`ScopedDb::list`] and [`ScopedDb::count`], one fewer than there are readers (at least one): a list by a client's filter may be slow, and
    /// authentication must not wait for it.
    select_permits: Arc<Semaphore>,
    changes: Changes,
    location: Arc<Location>,
    limits: Limits,
}

#[derive(Clone)]
enum Writes {
    Sqlite(mpsc::Sender<Order>),
    /// With the URL of the database.
    Postgres(mpsc::Sender<Box<dyn Job>>, Arc<str>),
}

impl Writes {
    fn send(&self, job: Box<dyn Job>) -> Result<()> {
        match self {
            Self::Sqlite(queue) => queue.try_send(Order::Write(job)).map_err(|error| not_queued(&error)),
            Self::Postgres(queue, _) => queue.try_send(job).map_err(|error| not_queued(&error)),
        }
    }
}

fn not_queued<T>(error: &mpsc::error::TrySendError<T>) -> Error {
    match error {
        mpsc::error::TrySendError::Full(_) => Error::Overloaded,
        mpsc::error::TrySendError::Closed(_) => stopped(),
    }
}

#[derive(Clone)]
enum Reads {
    Sqlite(channel::SyncSender<Box<dyn Job>>),
    /// `permits` bounds the reads that have a connection or wait for one.
    Postgres {
        pool: PostgresReaders,
        permits: Arc<Semaphore>,
    },
}

impl Db {
    /// Opens the database and starts its threads or writer tasks. Run [`migrate`](crate::migrate::migrate) next.
    ///
    /// # Errors
    /// If the file can't be opened or created, or the URL is invalid or its server does not reply.
    pub async fn open(location: &Location, limits: Limits) -> Result<Self> {
        let (writes, reads, changes) = match location {
            Location::File(path) => Self::open_sqlite(path, limits)?,
            Location::Postgres(url) => Self::open_postgres(url, limits).await?,
        };
        let readers = match location {
            Location::File(_) => limits.sqlite_readers,
            Location::Postgres(_) => limits.postgres_readers,
        };
        let select_permits = Arc::new(Semaphore::new((readers.get() - 1).max(1)));
        Ok(Self { writes, reads, select_permits, changes, location: Arc::new(location.clone()), limits })
    }

    fn open_sqlite(path: &Path, limits: Limits) -> Result<(Writes, Reads, Changes)> {
        let synchronous = match limits.durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        let writer = Sqlite::writer(path, synchronous, limits.lock_wait)?;
        let (writes, queue) = mpsc::channel(limits.queue);
        let changes = Changes::local();
        let published = changes.clone();
        spawn("provost-writer", move || batch::write_loop(writer, queue, &limits, &published))?;
        let (reads, queue) = channel::sync_channel(limits.queue);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..limits.sqlite_readers.get() {
            let reader = Sqlite::reader(path, limits.lock_wait)?;
            let queue = Arc::clone(&queue);
            spawn("provost-reader", move || batch::read_loop(reader, &queue, limits.read))?;
        }
        Ok((Writes::Sqlite(writes), Reads::Sqlite(reads), changes))
    }

    async fn open_postgres(url: &str, limits: Limits) -> Result<(Writes, Reads, Changes)> {
        let readers = limits.postgres_readers.get();
        // A direct connection first, because the pool retries until its timeout and then hides the reason.
        drop(Postgres::connect(url, Some(limits.read)).await?);
        let pool = PostgresReaders::new(url, readers, limits)?;
        let permits = Arc::new(Semaphore::new(readers + limits.queue));
        let (writes, queue) = mpsc::channel(limits.queue);
        let queue = Queue::new(tokio::sync::Mutex::new(queue));
        let url: Arc<str> = url.into();
        let changes = Changes::shared(Arc::clone(&url));
        for slot in (0_i64..).take(limits.postgres_writers.get()) {
            let writer = Writer::new(Arc::clone(&url), slot, limits, changes.clone());
            // The task ends when the last sender is dropped, so its handle is not needed.
            drop(tokio::spawn(writer.run(Arc::clone(&queue))));
        }
        Ok((Writes::Postgres(writes, url), Reads::Postgres { pool, permits }, changes))
    }

    /// What writes publish, of this process and of the others that [`Db::follow_other_processes`] follows.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Starts to publish what other processes commit: at once on PostgreSQL, within [`FIND_FOREIGN_WRITES_EVERY`] on SQLite. A server calls
    /// this once; administration commands don't.
    pub fn follow_other_processes(&self) {
        let writes = match &self.writes {
            Writes::Sqlite(writes) => writes.downgrade(),
            Writes::Postgres(_, url) => return follow_replicas(Arc::clone(url), &self.changes),
        };
        drop(tokio::spawn(async move {
            let mut tick = tokio::time::interval(FIND_FOREIGN_WRITES_EVERY);
            loop {
                tick.tick().await;
                let Some(writes) = writes.upgrade() else { return };
                // A full queue is busy with writes of this process; the next tick tries again.
                drop(writes.try_send(Order::FindForeignWrites));
            }
        }));
    }

    /// A new connection outside the queues and their limits.
    pub(crate) async fn dedicated_connection(&self) -> Result<DedicatedConnection> {
        DedicatedConnection::open(&self.location, self.limits.lock_wait).await
    }

    /// Whether this is SQLite.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        matches!(self.reads, Reads::Sqlite(_))
    }

    /// Runs a write. When this returns `Ok`, the change is durable.
    ///
    /// # Errors
    /// The write's own error, or an error of the database: overloaded, too slow, not available.
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Out, W::Error> {
        let (job, reply) = Queued::queue(write);
        self.writes.send(job)?;
        reply.await.unwrap_or_else(|_| Err(stopped().into()))
    }

    /// Runs a read.
    ///
    /// # Errors
    /// The read's own error, or an error of the database: overloaded, too slow, not available.
    pub async fn read<R: Read>(&self, read: R) -> Result<R::Out, R::Error> {
        tracing::debug!(read = type_name::<R>(), "read runs");
        match &self.reads {
            Reads::Sqlite(reads) => {
                let (job, reply) = Queued::queue(ReadJob(read));
                reads.try_send(job).map_err(|error| match error {
                    channel::TrySendError::Full(_) => Error::Overloaded,
                    channel::TrySendError::Disconnected(_) => stopped(),
                })?;
                reply.await.unwrap_or_else(|_| Err(stopped().into()))
            }
            Reads::Postgres { pool, permits } => {
                let _permit = permits.try_acquire().map_err(|_| Error::Overloaded)?;
                let deadline = std::time::Instant::now() + self.limits.read;
                let reading = async {
                    let mut reader = pool.acquire().await?;
                    let mut state = TxState::read(Some(deadline));
                    let outcome = read.run(&mut Tx::new(reader.link(), &mut state)).await;
                    reader.release();
                    outcome
                };
                let outcome = tokio::time::timeout_at(deadline.into(), reading).await;
                outcome.unwrap_or_else(|_| Err(Error::TooSlow("a read").into()))
            }
        }
    }

    /// The first row that a statement yields, if there is one.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub async fn optional<P, R>(
        &self,
        statement: &'static Statement<P, R, Unscoped>,
        values: impl Bind<P>,
    ) -> Result<Option<R>>
    where
        P: Shape + 'static,
        R: Row + Send + 'static,
    {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// All rows that a statement yields.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub async fn all<P, R>(&self, statement: &'static Statement<P, R, Unscoped>, values: impl Bind<P>) -> Result<Vec<R>>
    where
        P: Shape + 'static,
        R: Row + Send + 'static,
    {
        self.read(StatementRead { scope: Unscoped, statement, values: bound(values) }).await
    }

    /// Access to the tables of the workspace that the proof names.
    #[must_use]
    pub fn of<'d>(&'d self, proof: &impl WorkspaceProof) -> ScopedDb<'d> {
        ScopedDb { db: self, scope: Scoped(proof.workspace()) }
    }
}

/// Reads of one statement inside one workspace.
pub struct ScopedDb<'d> {
    db: &'d Db,
    scope: Scoped,
}

impl ScopedDb<'_> {
    /// The first row that a statement yields, if there is one.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub async fn optional<P, R>(
        &self,
        statement: &'static Statement<P, R, Scoped>,
        values: impl Bind<P>,
    ) -> Result<Option<R>>
    where
        P: Shape + 'static,
        R: Row + Send + 'static,
    {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// All rows that a statement yields.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub async fn all<P, R>(&self, statement: &'static Statement<P, R, Scoped>, values: impl Bind<P>) -> Result<Vec<R>>
    where
        P: Shape + 'static,
        R: Row + Send + 'static,
    {
        self.db.read(StatementRead { scope: self.scope, statement, values: bound(values) }).await
    }

    /// The row of the object with this id or name.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub async fn find<I, R>(&self, by: ByIdOrName<'static, I, R>, object: &IdOrName<I>) -> Result<Option<R>>
    where
        I: Column + Clone + 'static,
        R: Row + Send + 'static,
    {
        match object {
            IdOrName::Id(id) => self.optional(by.0, (id,)).await,
            IdOrName::Name(name) => self.optional(by.1, (name,)).await,
        }
    }

    /// A page of the rows that match a client's query.
    ///
    /// # Errors
    /// Those of [`Db::read`], and [`Error::TooBroad`] instead of [`Error::TooSlow`].
    pub async fn list<L: List>(&self, query: &L, page: Page) -> Result<Vec<L::Row>> {
        let permit = self.select_permit().await?;
        let read = ListRead { scope: self.scope, query: query.clone(), window: Window::Page(page), _permit: permit };
        self.db.read(read).await.map_err(too_broad::<L>)
    }

    /// How many rows match a client's query. Clients get the exact number, so only the time limit of a read bounds this.
    ///
    /// # Errors
    /// Those of [`ScopedDb::list`].
    pub async fn count<L: List>(&self, query: &L) -> Result<i64> {
        let permit = self.select_permit().await?;
        let read = ListCount { scope: self.scope, query: query.clone(), _permit: permit };
        let rows = self.db.read(read).await.map_err(too_broad::<L>)?;
        Ok(i64::try_from(rows).unwrap_or(i64::MAX))
    }

    async fn select_permit(&self) -> Result<OwnedSemaphorePermit> {
        let waiting =
            tokio::time::timeout(self.db.limits.reader_wait, Arc::clone(&self.db.select_permits).acquire_owned());
        waiting.await.map_err(|_| Error::Overloaded)?.map_err(|_| stopped())
    }
}

/// The same list would be too slow again, so its client is told how to change it.
fn too_broad<L: List>(error: Error) -> Error {
    match error {
        Error::TooSlow(_) => Error::TooBroad { narrowed_by: L::NARROWED_BY },
        error => error,
    }
}

struct StatementRead<P: 'static, R: 'static, S: 'static> {
    scope: S,
    statement: &'static Statement<P, R, S>,
    values: Vec<Value>,
}

impl<P, R, S> Read for StatementRead<P, R, S>
where
    P: Shape + 'static,
    R: Row + Send + 'static,
    S: Scope + Copy + Send + Sync + 'static,
{
    type Out = Vec<R>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<R>> {
        tx.with_scope(self.scope).all(self.statement, BoundValues(self.values.clone())).await
    }
}

struct ListRead<L> {
    scope: Scoped,
    query: L,
    window: Window,
    /// Released when the read ends, even if its caller was dropped earlier.
    _permit: OwnedSemaphorePermit,
}

impl<L: List> Read for ListRead<L> {
    type Out = Vec<L::Row>;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<L::Row>> {
        tx.with_scope(self.scope).list(&self.query, self.window).await
    }
}

struct ListCount<L> {
    scope: Scoped,
    query: L,
    /// See [`ListRead`].
    _permit: OwnedSemaphorePermit,
}

impl<L: List> Read for ListCount<L> {
    type Out = u64;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        tx.with_scope(self.scope).count(&self.query, None).await
    }
}

/// Values that were bound, and so checked against their shape, before.
struct BoundValues(Vec<Value>);

impl<P: Shape> Bind<P> for BoundValues {
    fn bind(self, to: &mut Vec<Value>) {
        to.extend(self.0);
    }
}

fn bound<P: Shape>(values: impl Bind<P>) -> Vec<Value> {
    let mut bound = Vec::with_capacity(P::KINDS.len());
    values.bind(&mut bound);
    bound
}

fn stopped() -> Error {
    Error::Unavailable("the database was closed".to_owned())
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(run).map(drop).map_err(|error| Error::Unavailable(format!("a thread could not be started: {error}")))
}
