//! PostgreSQL's lanes: tasks with a connection each that take writes from one queue.
//!
//! A lane owns the write it runs, so a caller that goes away changes nothing. What the database undoes because of a neighbour (a deadlock, a
//! serialisation failure) or what the write itself found outdated runs again, a few times, after a random moment.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{Mutex, mpsc};

use crate::{
    db::Limits,
    driver::Postgres,
    error::{Error, Result},
    tx::Tx,
    write::{Job, RUNS},
};

/// The queue that all lanes take from.
pub(crate) type Queue = Arc<Mutex<mpsc::Receiver<Box<dyn Job>>>>;

/// A lane: its number is the slot of the counters it writes.
pub(crate) struct Lane {
    url: Arc<str>,
    slot: i64,
    limits: Limits,
    connection: Option<Postgres>,
}

impl Lane {
    pub(crate) fn new(url: Arc<str>, slot: i64, limits: Limits) -> Self {
        Self { url, slot, limits, connection: None }
    }

    /// Takes writes until the last sender is gone.
    pub(crate) async fn run(mut self, queue: Queue) {
        loop {
            let next = queue.lock().await.recv().await;
            let Some(mut job) = next else { return };
            if let Err(error) = self.settle(job.as_mut()).await {
                tracing::warn!(write = job.name(), %error, "a write was not committed");
                job.fail(error);
            }
            job.answer();
        }
    }

    /// Runs the write until it is committed, refused, or out of runs or time. `Err` if its outcome is the seam's own failure.
    async fn settle(&mut self, job: &mut dyn Job) -> Result<()> {
        let mut connection = self.begin().await?;
        // One limit for all runs; it starts here, as what a connection takes is no fault of the write.
        let deadline = Instant::now() + self.limits.postgres_write;
        let mut committing = false;
        let settling = settle(&mut connection, job, deadline, self.slot, &mut committing);
        let settled = tokio::time::timeout_at(deadline.into(), settling).await;
        match settled.unwrap_or(Err(Error::TooSlow("a write"))) {
            // Until it is answered, a COMMIT may have been done or not.
            Err(Error::TooSlow(_) | Error::Unavailable(_)) if committing => return Err(Error::InDoubt),
            settled => settled?,
        }
        // After a failure nobody knows what state the connection is in: the next write gets a new one.
        self.connection = Some(connection);
        Ok(())
    }

    /// A connection with a transaction begun. One that died while it was idle shows here, before anything ran: another takes its place.
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

/// Runs a write whose first transaction has begun.
async fn settle(
    connection: &mut Postgres,
    job: &mut dyn Job,
    deadline: Instant,
    slot: i64,
    committing: &mut bool,
) -> Result<()> {
    for run in 1..=RUNS {
        if run > 1 {
            tokio::time::sleep(jitter(run - 1)).await;
            connection.command("BEGIN").await?;
        }
        match attempt(connection, job, deadline, slot, committing).await {
            Ok(Some(Error::Again)) | Err(Error::Again) => {}
            Ok(Some(error @ Error::Unavailable(_))) => return Err(error),
            outcome => return outcome.map(drop),
        }
    }
    // Too many writes touch the same rows; nothing of this one was kept.
    Err(Error::Again)
}

/// One run, to the end of its transaction; the first failure of a statement, if any. `Err` if the transaction itself failed.
///
/// `committing` says whether a COMMIT was sent whose answer has not come.
async fn attempt(
    connection: &mut Postgres,
    job: &mut dyn Job,
    deadline: Instant,
    slot: i64,
    committing: &mut bool,
) -> Result<Option<Error>> {
    let mut tx = Tx::new(connection.link(), Some(deadline), slot, true);
    let kept = job.run(&mut tx).await;
    let failure = tx.failure.take();
    *committing = kept;
    let ended = connection.command(if kept { "COMMIT" } else { "ROLLBACK" }).await;
    *committing = kept && matches!(ended, Err(Error::TooSlow(_) | Error::Unavailable(_)));
    ended.map(|()| failure)
}

/// A random wait that grows with the number of the run: 1 to 2, 2 to 4, … milliseconds.
fn jitter(run: u32) -> Duration {
    let span = 1_000_u64 << run.min(6);
    let random = RandomState::new().hash_one(run) % span;
    Duration::from_micros(span / 2 + random / 2)
}
