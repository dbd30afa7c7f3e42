//! PostgreSQL's writers: tasks with a connection each that take writes from one queue.
//!
//! A writer owns the write that it runs, so the write completes even if its caller is dropped. A write that loses against a concurrent one
//! (a deadlock, a serialisation failure) or that itself finds outdated data runs again, a few times, each time after a random delay.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{Mutex, mpsc};

use crate::{
    changes::Changes,
    driver::Postgres,
    error::{Error, Result},
    limits::Limits,
    tx::{Tx, TxState},
    write::{Job, MAX_RUNS},
};

/// The queue from which all writers take jobs.
pub(crate) type Queue = Arc<Mutex<mpsc::Receiver<Box<dyn Job>>>>;

/// A writer with its counter slot.
pub(crate) struct Writer {
    url: Arc<str>,
    slot: i64,
    limits: Limits,
    changes: Changes,
    connection: Option<Postgres>,
}

impl Writer {
    pub(crate) fn new(url: Arc<str>, slot: i64, limits: Limits, changes: Changes) -> Self {
        Self { url, slot, limits, changes, connection: None }
    }

    /// Runs writes until the last sender is dropped.
    pub(crate) async fn run(mut self, queue: Queue) {
        loop {
            let next = queue.lock().await.recv().await;
            let Some(mut job) = next else { return };
            let executed = self.execute(job.as_mut()).await;
            // A write in doubt may have been committed, and a subscriber that reads in vain does no harm.
            if matches!(executed, Ok(()) | Err(Error::InDoubt)) {
                self.changes.publish_committed(job.take_changes());
            }
            if let Err(error) = executed {
                tracing::warn!(write = job.name(), %error, "a write was not committed");
                job.fail(error);
            }
            job.reply();
        }
    }

    /// Runs the write until it is committed or rejected, or until it is out of runs or time. `Err` if the database failed, not the write.
    async fn execute(&mut self, job: &mut dyn Job) -> Result<()> {
        let mut connection = self.begin().await?;
        // One limit for all runs. It starts after connecting, which must not reduce the write's time.
        let deadline = Instant::now() + self.limits.postgres_write;
        let mut committing = false;
        let running = run_to_commit(&mut connection, job, deadline, self.slot, &mut committing);
        let outcome = tokio::time::timeout_at(deadline.into(), running).await;
        match outcome.unwrap_or(Err(Error::TooSlow("a write"))) {
            // Without a reply to its COMMIT, the write may be committed or not.
            Err(Error::TooSlow(_) | Error::Unavailable(_)) if committing => return Err(Error::InDoubt),
            outcome => outcome?,
        }
        // Only now: after a failure the state of the connection is unknown, so the next write gets a new one.
        self.connection = Some(connection);
        Ok(())
    }

    /// A connection with an open transaction. If the idle connection fails here, before the write ran, a new one replaces it.
    async fn begin(&mut self) -> Result<Postgres> {
        if let Some(idle) = self.connection.take()
            && let Ok(begun) = self.begin_on(idle).await
        {
            return Ok(begun);
        }
        let new = Postgres::connect(&self.url, Some(self.limits.postgres_write)).await?;
        self.begin_on(new).await
    }

    async fn begin_on(&self, mut connection: Postgres) -> Result<Postgres> {
        let begun = tokio::time::timeout(self.limits.postgres_write, connection.command("BEGIN")).await;
        begun.unwrap_or(Err(Error::TooSlow("a BEGIN")))?;
        Ok(connection)
    }
}

/// Runs a write on a connection whose first transaction is open, until it is committed or rejected.
async fn run_to_commit(
    connection: &mut Postgres,
    job: &mut dyn Job,
    deadline: Instant,
    slot: i64,
    committing: &mut bool,
) -> Result<()> {
    for run in 1..=MAX_RUNS {
        if run > 1 {
            tokio::time::sleep(jitter(run - 1)).await;
            connection.command("BEGIN").await?;
        }
        match attempt(connection, job, deadline, slot, committing).await {
            Ok(Some(Error::Conflict)) | Err(Error::Conflict) => {}
            Ok(Some(error @ Error::Unavailable(_))) => return Err(error),
            outcome => return outcome.map(drop),
        }
    }
    // Too many writes change the same rows. This one is rolled back.
    Err(Error::Conflict)
}

/// Runs the write once, to the end of its transaction. Returns the first failure of a statement, if any; `Err` if the transaction failed.
///
/// `committing` is true while a COMMIT was sent and its reply has not arrived.
async fn attempt(
    connection: &mut Postgres,
    job: &mut dyn Job,
    deadline: Instant,
    slot: i64,
    committing: &mut bool,
) -> Result<Option<Error>> {
    let mut state = TxState::write(Some(deadline), slot);
    let commit = job.run(&mut Tx::new(connection.link(), &mut state)).await;
    let failure = state.failure;
    *committing = commit;
    let ended = connection.command(if commit { "COMMIT" } else { "ROLLBACK" }).await;
    *committing = commit && matches!(ended, Err(Error::TooSlow(_) | Error::Unavailable(_)));
    ended.map(|()| failure)
}

/// A random delay that doubles with each run: 1 to 2, 2 to 4, … milliseconds.
fn jitter(run: u32) -> Duration {
    let span = 1_000_u64 << run.min(6);
    let random = RandomState::new().hash_one(run) % span;
    Duration::from_micros(span / 2 + random / 2)
}
