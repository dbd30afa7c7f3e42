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
    write::Job,
};

/// The queue that all lanes take from.
pub(crate) type Queue = Arc<Mutex<mpsc::Receiver<Box<dyn Job>>>>;

/// How often a write runs before its caller is told that the database is too contended.
const RUNS: u32 = 6;

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

    /// Runs the write until it is committed, refused, or out of tries. `Err` if its outcome is the seam's own failure.
    async fn settle(&mut self, job: &mut dyn Job) -> Result<()> {
        for run in 1..=RUNS {
            match self.attempt(job).await {
                Ok(Some(Error::Again)) | Err(Error::Again) if run < RUNS => tokio::time::sleep(jitter(run)).await,
                // Too many writes touch the same rows; nothing of this one was kept.
                Err(Error::Again) | Ok(Some(Error::Again)) => return Err(Error::Again),
                Ok(_) => return Ok(()),
                Err(error) => {
                    // Whatever state the connection is in, the next write gets a new one.
                    self.connection = None;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// One transaction; the first failure of a statement, if any. `Err` if the transaction itself failed.
    async fn attempt(&mut self, job: &mut dyn Job) -> Result<Option<Error>> {
        let deadline = Instant::now() + self.limits.postgres_write;
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => Postgres::connect(&self.url).await?,
        };
        let connection = self.connection.insert(connection);
        let mut committing = false;
        let transaction = async {
            connection.command("BEGIN").await?;
            let mut tx = Tx::new(connection.link(), deadline, self.slot, true);
            let kept = job.run(&mut tx).await;
            let failure = tx.failure.take();
            committing = kept;
            connection.command(if kept { "COMMIT" } else { "ROLLBACK" }).await?;
            Ok(failure)
        };
        let outcome = tokio::time::timeout_at(deadline.into(), transaction).await;
        match outcome.unwrap_or(Err(Error::TooSlow("a write"))) {
            Err(Error::Again) => {
                // A COMMIT that the database refused has ended the transaction already.
                Err(Error::Again)
            }
            // Until it is answered, a COMMIT may have been done or not.
            Err(Error::TooSlow(_) | Error::Unavailable(_)) if committing => Err(Error::InDoubt),
            Ok(Some(Error::Unavailable(reason))) => Err(Error::Unavailable(reason)),
            outcome => outcome,
        }
    }
}

/// A random wait that grows with the number of the run: 1 to 2, 2 to 4, … milliseconds.
fn jitter(run: u32) -> Duration {
    let span = 1_000_u64 << run.min(6);
    let random = RandomState::new().hash_one(run) % span;
    Duration::from_micros(span / 2 + random / 2)
}
