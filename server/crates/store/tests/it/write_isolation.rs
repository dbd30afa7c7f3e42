//! What a write may do to its neighbours: nothing. What it may take from them: a bounded time.

mod limits;
mod migrating;
mod neighbours;
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
    /// Makes an account: any table will do, this one refers to nothing.
    open INSERT: (uuid::Uuid, String) => () =
        "INSERT INTO account (id, handle, name, kind, created, updated) VALUES ($1, $2, $2, 'personal', 0, 0)";
    /// The accounts that are there.
    open HANDLES: () => (String,) = "SELECT handle FROM account";
    /// Works for so long that only an interrupt ends it.
    open ENDLESS: (i64,) => () = sqlite
        "UPDATE account SET created = created WHERE 0 < (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT COUNT(*) FROM n)"
        postgres "UPDATE account SET created = created WHERE CAST($1 AS BIGINT) = 0 OR pg_sleep(10) IS NULL";
    /// Takes the savepoint away that the seam has made for the write.
    open RELEASE: () => () = sqlite "RELEASE one_write" postgres "SET CONSTRAINTS ALL IMMEDIATE";
}

/// How long a write may take where a test says so.
const LIMIT: Duration = Duration::from_millis(250);

/// Makes two accounts, and does something else between them.
struct Make {
    handle: String,
    then: Then,
    runs: Arc<AtomicU32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Keep,
    /// Violates a key.
    Fail,
    /// Violates a key, and ends as if all were well.
    Swallow,
    Panic,
    /// Asks to run again, for ever.
    Again,
    /// The same, after a third of [`LIMIT`].
    AgainSlowly,
    /// Awaits something other than its transaction.
    Elsewhere,
    /// Takes longer than a write may.
    Stall,
    /// Takes its own savepoint away.
    Release,
}

impl Write for Make {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let [first, second] = rows(&self.handle);
        tx.exactly_one(&INSERT, (id(&first), first.as_str())).await?;
        match self.then {
            Then::Keep => {}
            Then::Fail => tx.exactly_one(&INSERT, (id("twice"), first.as_str())).await?,
            Then::Swallow => {
                let _swallowed = tx.exactly_one(&INSERT, (id("twice"), first.as_str())).await;
                return Ok(());
            }
            Then::Panic => panic!("a write that panics"),
            Then::Again => return tx.again(),
            Then::AgainSlowly => {
                let end = Instant::now() + LIMIT / 3;
                while Instant::now() < end {
                    std::thread::yield_now();
                }
                return tx.again();
            }
            Then::Elsewhere => tokio::task::yield_now().await,
            Then::Stall => tx.run(&ENDLESS, (i64::MAX,)).await.map(drop)?,
            Then::Release => tx.run(&RELEASE, ()).await.map(drop)?,
        }
        tx.exactly_one(&INSERT, (id(&second), second.as_str())).await
    }
}

fn make(handle: impl Into<String>, then: Then) -> Make {
    Make { handle: handle.into(), then, runs: Arc::default() }
}

/// What a write of this name makes.
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

/// Both rows of each of these writes are stored, and nothing else.
async fn assert_stored(db: &Db, handles: impl IntoIterator<Item = String>) {
    let mut wanted: Vec<String> = handles.into_iter().flat_map(|handle| rows(&handle)).collect();
    let mut stored: Vec<String> = db.all(&HANDLES, ()).await.unwrap().into_iter().map(|(handle,)| handle).collect();
    wanted.sort();
    stored.sort();
    assert_eq!(stored, wanted);
}

/// A write that was handed in and is not answered yet.
type Asked<'d> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'd>>;

async fn ask(db: &Db, write: Make) -> Asked<'_> {
    let mut asked: Asked<'_> = Box::pin(db.write(write));
    assert!(futures::poll!(&mut asked).is_pending());
    asked
}

/// Holds whoever runs it until it is opened, so that what is handed in meanwhile waits.
struct Gate {
    reached: Arc<Notify>,
    opened: Mutex<mpsc::Receiver<()>>,
}

impl Gate {
    fn pass(&self) {
        self.reached.notify_one();
        // Nothing is ever sent: it is open when the other end is gone, and from then on.
        let _gone = tokio::task::block_in_place(|| self.opened.lock().unwrap().recv());
    }
}

impl Write for Gate {
    type Out = ();
    type Error = Error;
    async fn run(&self, _: &mut Tx<'_>) -> Result<()> {
        self.pass();
        Ok(())
    }
}

impl Read for Gate {
    type Out = ();
    type Error = Error;
    async fn run(&self, _: &mut Tx<'_>) -> Result<()> {
        self.pass();
        Ok(())
    }
}

/// A writer or a reader that stands before a gate.
struct Held {
    task: JoinHandle<Result<()>>,
    key: mpsc::Sender<()>,
}

impl Held {
    /// The writer of SQLite, or one of PostgreSQL's lanes.
    async fn writer(db: &Db) -> Self {
        let db = db.clone();
        Self::by(|gate| tokio::spawn(async move { db.write(gate).await })).await
    }

    async fn reader(db: &Db) -> Self {
        let db = db.clone();
        Self::by(|gate| tokio::spawn(async move { db.read(gate).await })).await
    }

    async fn by(run: impl FnOnce(Gate) -> JoinHandle<Result<()>>) -> Self {
        let (key, opened) = mpsc::channel();
        let reached = Arc::new(Notify::new());
        let task = run(Gate { reached: Arc::clone(&reached), opened: Mutex::new(opened) });
        reached.notified().await;
        Self { task, key }
    }

    /// Opens the gate; what became of the write or read that was held there.
    async fn let_go(self) -> Result<()> {
        drop(self.key);
        self.task.await.unwrap()
    }
}

/// With these, all that is handed in while the writer is held comes into its batch.
fn one_batch() -> Limits {
    Limits { batch_time: Duration::from_secs(60), ..Limits::default() }
}
