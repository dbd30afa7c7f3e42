//! SQLite's threads: one writer with group commit, and a few readers.
//!
//! The writer thread runs all queued writes in one transaction, each in a savepoint, commits once and then replies to all callers. So a
//! caller gets its reply only after the sync that makes the write durable. A write that fails is rolled back to its savepoint and does not
//! affect the others. If one write destroys the whole transaction, that is rolled back and the other writes run again.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, mpsc as channel},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use crate::{
    changes::{Change, Changes},
    driver::{Link, Sqlite},
    error::{Error, Result},
    limits::Limits,
    tx::{Tx, TxState},
    write::{Job, MAX_RUNS},
};

/// What the writer thread is asked to do.
pub(crate) enum Order {
    Write(Box<dyn Job>),
    /// Publish [`Change::Unknown`] if another process has written since the last time.
    FindForeignWrites,
}

/// The writer thread's loop; ends when the last sender is dropped.
pub(crate) fn write_loop(mut sqlite: Sqlite, mut queue: mpsc::Receiver<Order>, limits: &Limits, changes: &Changes) {
    let mut foreign = ForeignWrites::default();
    let mut next = None;
    while let Some(order) = next.take().or_else(|| queue.blocking_recv()) {
        match order {
            Order::Write(first) => {
                let batch = Batch { sqlite: &mut sqlite, limits, changes };
                batch.run(first, || match queue.try_recv() {
                    Ok(Order::Write(job)) => Some(job),
                    Ok(order @ Order::FindForeignWrites) => {
                        next = Some(order);
                        None
                    }
                    Err(_) => None,
                });
            }
            Order::FindForeignWrites => foreign.find(&sqlite, changes),
        }
    }
}

/// What SQLite last reported about commits of other connections. Of this process only the writer commits.
#[derive(Default)]
struct ForeignWrites {
    data_version: Option<i64>,
}

impl ForeignWrites {
    fn find(&mut self, sqlite: &Sqlite, changes: &Changes) {
        match sqlite.data_version() {
            Ok(version) => {
                if self.data_version.replace(version).is_some_and(|last| last != version) {
                    changes.publish([Change::Unknown]);
                }
            }
            Err(error) => tracing::debug!(%error, "commits of other processes can't be looked up"),
        }
    }
}

/// The effect of one write on the batch's transaction.
enum WriteEffect {
    /// The savepoint was released or rolled back; the reply waits for the commit.
    Contained,
    /// SQLite rolled back the whole transaction, or its state is unknown.
    LostTransaction(Error),
}

struct Batch<'w> {
    sqlite: &'w mut Sqlite,
    limits: &'w Limits,
    changes: &'w Changes,
}

impl Batch<'_> {
    /// Runs `first` and what `more` yields in one transaction, then replies to all of them.
    fn run(mut self, first: Box<dyn Job>, mut more: impl FnMut() -> Option<Box<dyn Job>>) {
        let started = Instant::now();
        let mut next = Some(first);
        let mut done = Vec::new();
        if let Err(error) = self.sqlite.begin_immediate() {
            return reply_all(next.into_iter().collect(), Some(&error));
        }
        while let Some(mut job) = next {
            match self.run_one(job.as_mut()) {
                WriteEffect::Contained => done.push(job),
                WriteEffect::LostTransaction(_) => {
                    self.roll_back();
                    job.reply();
                    return self.run_again(done);
                }
            }
            let full = done.len() >= self.limits.batch_writes || started.elapsed() >= self.limits.batch_time;
            next = if full { None } else { more() };
        }
        self.commit(done);
    }

    /// Runs these writes once more, together, because another write destroyed their transaction.
    fn run_again(mut self, jobs: Vec<Box<dyn Job>>) {
        if jobs.is_empty() {
            return;
        }
        if let Err(error) = self.sqlite.begin_immediate() {
            return reply_all(jobs, Some(&error));
        }
        let mut done = Vec::new();
        let mut rest = jobs.into_iter();
        while let Some(mut job) = rest.next() {
            match self.run_one(job.as_mut()) {
                WriteEffect::Contained => done.push(job),
                WriteEffect::LostTransaction(reason) => {
                    self.roll_back();
                    job.reply();
                    done.extend(rest);
                    // The caller may retry after a slow write, but not on a full disk.
                    let error = if matches!(reason, Error::Unavailable(_)) { reason } else { Error::Overloaded };
                    return reply_all(done, Some(&error));
                }
            }
        }
        self.commit(done);
    }

    fn commit(mut self, mut done: Vec<Box<dyn Job>>) {
        let outcome = self.sqlite.command("COMMIT");
        // A failed COMMIT may leave the transaction open.
        self.roll_back();
        if outcome.is_ok() {
            self.changes.publish_committed(done.iter_mut().flat_map(|job| job.take_changes()).collect());
        }
        reply_all(done, outcome.err().as_ref());
    }

    /// Rolls the transaction back, if one is open.
    fn roll_back(&mut self) {
        if let Err(error) = self.sqlite.ensure_idle() {
            tracing::error!(%error, "the writer could not reopen its connection; the next batch tries again");
        }
    }

    fn run_one(&mut self, job: &mut dyn Job) -> WriteEffect {
        // One limit for all runs of a write, because all queued writes wait for them.
        let deadline = Instant::now() + self.limits.sqlite_write;
        for _ in 0..MAX_RUNS {
            match self.attempt(job, deadline) {
                Err(error) => {
                    job.fail(error.clone());
                    return WriteEffect::LostTransaction(error);
                }
                Ok(Some(Error::Conflict)) => {}
                Ok(_) => break,
            }
        }
        WriteEffect::Contained
    }

    /// Runs the write once inside a savepoint. Returns the first failure of a statement, if any; `Err` if the transaction is lost.
    fn attempt(&mut self, job: &mut dyn Job, deadline: Instant) -> Result<Option<Error>> {
        self.sqlite.command("SAVEPOINT one_write")?;
        self.sqlite.interrupt_at(Some(deadline));
        let mut state = TxState::write(Some(deadline), 0);
        let commit = poll_now(job.run(&mut Tx::new(Link::Sqlite(self.sqlite), &mut state)));
        let failure = state.failure;
        self.sqlite.interrupt_at(None);
        if self.sqlite.is_idle() {
            return Err(failure.unwrap_or(Error::Misuse("a write ended the transaction")));
        }
        match commit {
            Some(true) => self.sqlite.command("RELEASE one_write")?,
            Some(false) => self.roll_back_savepoint()?,
            None => {
                job.fail(Error::Misuse("a write awaited something other than its transaction"));
                self.roll_back_savepoint()?;
            }
        }
        Ok(failure)
    }

    fn roll_back_savepoint(&mut self) -> Result<()> {
        self.sqlite.command("ROLLBACK TO one_write")?;
        self.sqlite.command("RELEASE one_write")
    }
}

fn reply_all(jobs: Vec<Box<dyn Job>>, error: Option<&Error>) {
    for mut job in jobs {
        if let Some(error) = error {
            tracing::warn!(write = job.name(), %error, "a write was not committed");
            job.fail(error.clone());
        }
        job.reply();
    }
}

/// A reader thread's loop; ends when the last sender is dropped.
pub(crate) fn read_loop(mut sqlite: Sqlite, queue: &Arc<Mutex<channel::Receiver<Box<dyn Job>>>>, limit: Duration) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut job) = next else { return };
        if let Err(error) = read_one(&mut sqlite, job.as_mut(), limit) {
            job.fail(error);
        }
        job.reply();
    }
}

fn read_one(sqlite: &mut Sqlite, job: &mut dyn Job, limit: Duration) -> Result<()> {
    sqlite.begin()?;
    let deadline = Instant::now() + limit;
    sqlite.interrupt_at(Some(deadline));
    let mut state = TxState::read(Some(deadline));
    let ran = poll_now(job.run(&mut Tx::new(Link::Sqlite(sqlite), &mut state)));
    sqlite.interrupt_at(None);
    // A read has nothing to commit.
    sqlite.ensure_idle()?;
    ran.map(drop).ok_or(Error::Misuse("a read awaited something other than its transaction"))
}

/// Polls once, which is enough because SQLite's futures never wait. `None` if the write awaited something else.
fn poll_now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
