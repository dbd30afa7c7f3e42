//! Writes do not affect each other, except that one delays the others for a bounded time.

mod concurrent_writes;
mod limits;
mod migrations;
mod postgres;

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use store::{Db, Error, Read, Result, Tx, Write, db::Limits};
use tokio::{sync::Notify, task::JoinHandle};

store::statements! {
    /// Adds an account, a table without foreign keys.
    unscoped INSERT: (uuid::Uuid, String) => () =
        "INSERT INTO account (id, handle, name, kind, created, updated) VALUES ($1, $2, $2, 'personal', 0, 0)";
    /// The handles of all accounts.
    unscoped HANDLES: () => (String,) = "SELECT handle FROM account";
    /// Runs so long that only an interrupt ends it.
    unscoped ENDLESS: (i64,) => () = sqlite
        "UPDATE account SET created = created WHERE 0 < (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) FROM n)"
        postgres "UPDATE account SET created = created WHERE CAST($1 AS BIGINT) = 0 OR pg_sleep(10) IS NULL";
    /// Releases the savepoint that the writer thread made for the write.
    unscoped RELEASE: () => () = sqlite "RELEASE one_write" postgres "SET CONSTRAINTS ALL IMMEDIATE";
}

/// The time limit of a write in some tests.
const LIMIT: Duration = Duration::from_millis(250);

/// Inserts two accounts, with an action in between.
struct InsertTwo {
    handle: String,
    action: Action,
    runs: Arc<AtomicU32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Action {
    None,
    /// Violates a unique constraint.
    Fail,
    /// Violates a unique constraint, and returns success.
    Swallow,
    Panic,
    /// Reports a conflict in every run.
    Conflict,
    /// The same, after a third of [`LIMIT`].
    SlowConflict,
    /// Awaits something other than its transaction.
    AwaitElsewhere,
    /// Takes longer than the time limit.
    Stall,
    /// Releases its own savepoint.
    Release,
}

impl Write for InsertTwo {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let [first, second] = rows(&self.handle);
        tx.exactly_one(&INSERT, (id(&first), first.as_str())).await?;
        match self.action {
            Action::None => {}
            Action::Fail => tx.exactly_one(&INSERT, (id("twice"), first.as_str())).await?,
            Action::Swallow => {
                let _swallowed = tx.exactly_one(&INSERT, (id("twice"), first.as_str())).await;
                return Ok(());
            }
            Action::Panic => panic!("a write that panics"),
            Action::Conflict => return tx.conflict(),
            Action::SlowConflict => {
                let end = Instant::now() + LIMIT / 3;
                while Instant::now() < end {
                    std::thread::yield_now();
                }
                return tx.conflict();
            }
            Action::AwaitElsewhere => tokio::task::yield_now().await,
            Action::Stall => tx.run(&ENDLESS, (i64::MAX,)).await.map(drop)?,
            Action::Release => tx.run(&RELEASE, ()).await.map(drop)?,
        }
        tx.exactly_one(&INSERT, (id(&second), second.as_str())).await
    }
}

fn insert_two(handle: impl Into<String>, action: Action) -> InsertTwo {
    InsertTwo { handle: handle.into(), action, runs: Arc::default() }
}

/// The handles of the accounts that the write with this name inserts.
fn rows(handle: &str) -> [String; 2] {
    ["a", "b"].map(|row| format!("{handle}-{row}"))
}

fn id(handle: &str) -> uuid::Uuid {
    let mut bytes = [0; 16];
    handle
        .bytes()
        .enumerate()
        .for_each(|(at, byte)| bytes[at % 16] ^= byte.rotate_left(u32::try_from(at / 16).unwrap()));
    uuid::Uuid::from_bytes(bytes)
}

/// Asserts that both rows of each of these writes are stored, and no others.
async fn assert_stored(db: &Db, handles: impl IntoIterator<Item = String>) {
    let mut expected: Vec<String> = handles.into_iter().flat_map(|handle| rows(&handle)).collect();
    let mut stored: Vec<String> = db.all(&HANDLES, ()).await.unwrap().into_iter().map(|(handle,)| handle).collect();
    expected.sort();
    stored.sort();
    assert_eq!(stored, expected);
}

/// A queued write without a reply yet.
type Pending<'d> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'd>>;

async fn queue(db: &Db, write: InsertTwo) -> Pending<'_> {
    let mut pending: Pending<'_> = Box::pin(db.write(write));
    assert!(futures::poll!(&mut pending).is_pending());
    pending
}

/// A write or read that blocks its thread or connection until it is released, so that later ones stay queued.
struct Blocker {
    reached: Arc<Notify>,
    release: Mutex<mpsc::Receiver<()>>,
}

impl Blocker {
    fn block(&self) {
        self.reached.notify_one();
        // Nothing is sent: `recv` returns when the sender is dropped, and at once after that.
        let _released = tokio::task::block_in_place(|| self.release.lock().unwrap().recv());
    }
}

impl Write for Blocker {
    type Out = ();
    type Error = Error;
    async fn run(&self, _: &mut Tx<'_>) -> Result<()> {
        self.block();
        Ok(())
    }
}

impl Read for Blocker {
    type Out = ();
    type Error = Error;
    async fn run(&self, _: &mut Tx<'_>) -> Result<()> {
        self.block();
        Ok(())
    }
}

/// A writer or a reader that is blocked by a [`Blocker`].
struct Blocked {
    task: JoinHandle<Result<()>>,
    release: mpsc::Sender<()>,
}

impl Blocked {
    /// Blocks SQLite's writer thread, or one of PostgreSQL's writers.
    async fn writer(db: &Db) -> Self {
        let db = db.clone();
        Self::by(|blocker| tokio::spawn(async move { db.write(blocker).await })).await
    }

    /// Blocks one reader.
    async fn reader(db: &Db) -> Self {
        let db = db.clone();
        Self::by(|blocker| tokio::spawn(async move { db.read(blocker).await })).await
    }

    async fn by(run: impl FnOnce(Blocker) -> JoinHandle<Result<()>>) -> Self {
        let (release, released) = mpsc::channel();
        let reached = Arc::new(Notify::new());
        let task = run(Blocker { reached: Arc::clone(&reached), release: Mutex::new(released) });
        reached.notified().await;
        Self { task, release }
    }

    /// Releases the blocker, and returns its outcome.
    async fn release(self) -> Result<()> {
        drop(self.release);
        self.task.await.unwrap()
    }
}

/// With these limits, all writes that are queued while the writer is blocked join its batch.
fn one_batch() -> Limits {
    Limits { batch_time: Duration::from_secs(60), ..Limits::default() }
}
