//! SQLite's threads: one writer with group commit, and a few readers.
//!
//! The writer takes what is queued, gives each write a savepoint, commits once and answers all. An answer is therefore given only after the
//! sync that makes it durable. Failures of one write never reach its neighbours; when the whole transaction is lost because of one
//! write, it is rolled back and the others run again.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, mpsc as channel},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::{
    db::Limits,
    driver::{Link, Sqlite},
    error::{Error, Result},
    tx::Tx,
    write::{Job, RUNS},
};

/// The writer's loop; ends when the last sender is gone.
pub(crate) fn write_loop(mut sqlite: Sqlite, mut queue: mpsc::Receiver<Box<dyn Job>>, limits: &Limits) {
    while let Some(first) = queue.blocking_recv() {
        let batch = Batch { sqlite: &mut sqlite, limits };
        batch.run(first, || queue.try_recv().ok());
    }
}

/// What became of one write inside the batch's transaction.
enum Fate {
    /// Its savepoint was released or rolled back; its answer waits for the commit.
    Settled,
    /// The whole transaction is gone, or nobody knows what is left of it, for this reason.
    LostTransaction(Error),
}

struct Batch<'w> {
    sqlite: &'w mut Sqlite,
    limits: &'w Limits,
}

impl Batch<'_> {
    /// Runs `first` and what `more` yields in one transaction, then answers all of them.
    fn run(mut self, first: Box<dyn Job>, mut more: impl FnMut() -> Option<Box<dyn Job>>) {
        let started = Instant::now();
        let mut next = Some(first);
        let mut settled = Vec::new();
        if let Err(error) = self.sqlite.begin_immediate() {
            return answer_all(next.into_iter().collect(), Some(&error));
        }
        while let Some(mut job) = next {
            match self.run_one(job.as_mut()) {
                Fate::Settled => settled.push(job),
                Fate::LostTransaction(_) => {
                    self.roll_back();
                    job.answer();
                    return self.run_again(settled);
                }
            }
            let full = settled.len() >= self.limits.batch_writes || started.elapsed() >= self.limits.batch_time;
            next = if full { None } else { more() };
        }
        self.commit(settled);
    }

    /// The transaction of these writes was lost through no fault of theirs: they run once more, together.
    fn run_again(mut self, jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        if let Err(error) = self.sqlite.begin_immediate() {
            return answer_all(jobs, Some(&error));
        }
        let mut settled = Vec::new();
        let mut rest = jobs.into_iter();
        while let Some(mut job) = rest.next() {
            match self.run_one(job.as_mut()) {
                Fate::Settled => settled.push(job),
                Fate::LostTransaction(reason) => {
                    self.roll_back();
                    job.answer();
                    settled.extend(rest);
                    // What was only slow is worth another try; on a full disk it is not.
                    let error = if matches!(reason, Error::Unavailable(_)) { reason } else { Error::Overloaded };
                    return answer_all(settled, Some(&error));
                }
            }
        }
        self.commit(settled);
    }

    fn commit(mut self, settled: Vec<Box<dyn Job>>) {
        let outcome = self.sqlite.command("COMMIT");
        // A COMMIT that fails may leave the transaction open; nothing of it may survive.
        self.roll_back();
        answer_all(settled, outcome.err().as_ref());
    }

    /// Does nothing if no transaction is open.
    fn roll_back(&mut self) {
        if let Err(error) = self.sqlite.settle() {
            tracing::error!(%error, "no connection to write with; the next batch tries again");
        }
    }

    fn run_one(&mut self, job: &mut dyn Job) -> Fate {
        // One limit for all runs of a write: everybody waits for them.
        let deadline = Instant::now() + self.limits.sqlite_write;
        for _ in 0..RUNS {
            match self.attempt(job, deadline) {
                Err(error) => {
                    job.fail(error.clone());
                    return Fate::LostTransaction(error);
                }
                Ok(Some(Error::Again)) => {}
                Ok(_) => break,
            }
        }
        Fate::Settled
    }

    /// One run inside a savepoint; the first failure of a statement, if any. `Err` if the transaction is lost.
    fn attempt(&mut self, job: &mut dyn Job, deadline: Instant) -> Result<Option<Error>> {
        self.sqlite.command("SAVEPOINT one_write")?;
        self.sqlite.interrupt_at(Some(deadline));
        let mut tx = Tx::new(Link::Sqlite(self.sqlite), Some(deadline), 0, true);
        let kept = poll_now(job.run(&mut tx));
        let failure = tx.failure.take();
        self.sqlite.interrupt_at(None);
        if self.sqlite.is_idle() {
            return Err(failure.unwrap_or(Error::Misuse("a write ended the transaction")));
        }
        match kept {
            Some(true) => self.sqlite.command("RELEASE one_write")?,
            Some(false) => self.undo()?,
            None => {
                job.fail(Error::Misuse("a write awaited something other than its transaction"));
                self.undo()?;
            }
        }
        Ok(failure)
    }

    fn undo(&mut self) -> Result<()> {
        self.sqlite.command("ROLLBACK TO one_write")?;
        self.sqlite.command("RELEASE one_write")
    }
}

fn answer_all(jobs: Vec<Box<dyn Job>>, error: Option<&Error>) {
    for mut job in jobs {
        if let Some(error) = error {
            tracing::warn!(write = job.name(), %error, "a write was not committed");
            job.fail(error.clone());
        }
        job.answer();
    }
}

/// A reader's loop; ends when the last sender is gone.
pub(crate) fn read_loop(mut sqlite: Sqlite, queue: &Arc<Mutex<channel::Receiver<Box<dyn Job>>>>, limit: Duration) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut job) = next else { return };
        if let Err(error) = read_one(&mut sqlite, job.as_mut(), limit) {
            job.fail(error);
        }
        job.answer();
    }
}

fn read_one(sqlite: &mut Sqlite, job: &mut dyn Job, limit: Duration) -> Result<()> {
    sqlite.begin()?;
    let deadline = Instant::now() + limit;
    sqlite.interrupt_at(Some(deadline));
    let mut tx = Tx::new(Link::Sqlite(sqlite), Some(deadline), 0, false);
    let ran = poll_now(job.run(&mut tx));
    sqlite.interrupt_at(None);
    // A read leaves nothing to commit.
    sqlite.settle()?;
    ran.map(drop).ok_or(Error::Misuse("a read awaited something other than its transaction"))
}

/// SQLite's futures are ready at once: one poll is enough. `None` if a write awaited something else.
fn poll_now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
