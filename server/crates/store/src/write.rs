//! Reads and writes as values.
//!
//! A [`Write`] owns its input and takes `&self`, so it can be run again. `run` may await only its transaction. What others are to learn of
//! it, it publishes through the transaction, which passes it on after the commit.

use std::{any::type_name, future::Future, panic::AssertUnwindSafe};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;

use crate::{
    changes::Change,
    error::{Error, Result},
    tx::Tx,
};

/// How often a write that meets a [`Conflict`](Error::Conflict) is run before its caller gets that error.
///
/// On SQLite the data can't change while a write runs, so each run reads the same data. The write is still run as often, within its one time
/// limit, so that both databases behave alike.
pub(crate) const MAX_RUNS: u32 = 6;

/// An atomic change of the database.
pub trait Write: Send + Sync + 'static {
    /// The result.
    type Out: Send + 'static;
    /// Why it may fail. An error rolls the write back.
    type Error: From<Error> + Send + 'static;

    /// Makes the change. May be called several times; all runs but the last are rolled back.
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Out, Self::Error>> + Send;
}

/// A read of the database: one snapshot on SQLite, one connection on PostgreSQL.
pub trait Read: Send + Sync + 'static {
    /// The result.
    type Out: Send + 'static;
    /// Why it may fail.
    type Error: From<Error> + Send + 'static;

    /// Reads.
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Out, Self::Error>> + Send;
}

/// Wraps a read as a write, so that both can be queued as a [`Job`].
pub(crate) struct ReadJob<R>(pub(crate) R);

impl<R: Read> Write for ReadJob<R> {
    type Out = R::Out;
    type Error = R::Error;
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<R::Out, R::Error>> + Send {
        self.0.run(tx)
    }
}

/// A queued write with its type erased.
pub(crate) trait Job: Send {
    /// Runs the write, and returns whether it should be committed. A panic counts as a failure of the write.
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool>;
    /// Replaces the write's result by an error of the database.
    fn fail(&mut self, error: Error);
    /// What the write publishes if it is committed; nothing if it failed.
    fn take_changes(&mut self) -> Vec<Change>;
    /// Sends the result to the caller, if that still waits.
    fn reply(self: Box<Self>);
    /// The write's type name for logs.
    fn name(&self) -> &'static str;
}

type WriteResult<W> = Result<<W as Write>::Out, <W as Write>::Error>;

pub(crate) struct Queued<W: Write> {
    write: W,
    outcome: Option<WriteResult<W>>,
    changes: Vec<Change>,
    reply: oneshot::Sender<WriteResult<W>>,
}

impl<W: Write> Queued<W> {
    /// The write as a job, and the receiver of its result.
    pub(crate) fn queue(write: W) -> (Box<dyn Job>, oneshot::Receiver<WriteResult<W>>) {
        let (reply, result) = oneshot::channel();
        (Box::new(Self { write, outcome: None, changes: Vec::new(), reply }), result)
    }
}

impl<W: Write> Job for Queued<W> {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool> {
        async move {
            let outcome = AssertUnwindSafe(self.write.run(tx)).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(Error::Panicked(type_name::<W>()).into()));
            // A write that ignored the failure of a statement must not be committed in part.
            let outcome = match (&tx.state().failure, outcome) {
                (Some(failure), Ok(_)) => Err(failure.clone().into()),
                (_, outcome) => outcome,
            };
            let commit = outcome.is_ok();
            if commit {
                tracing::debug!(write = type_name::<W>(), rows = tx.state().rows_written, "write ran");
            }
            self.changes = if commit { tx.take_changes() } else { Vec::new() };
            self.outcome = Some(outcome);
            commit
        }
        .boxed()
    }

    fn fail(&mut self, error: Error) {
        self.changes.clear();
        self.outcome = Some(Err(error.into()));
    }

    fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn reply(self: Box<Self>) {
        let outcome = self
            .outcome
            .unwrap_or_else(|| Err(Error::Misuse("the reply to a write was sent before the write ran").into()));
        // Fails if the caller was dropped, which does not matter.
        drop(self.reply.send(outcome));
    }

    fn name(&self) -> &'static str {
        type_name::<W>()
    }
}
