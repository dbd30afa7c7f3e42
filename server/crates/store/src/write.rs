//! Reads and writes as values.
//!
//! A [`Write`] owns its input and takes `&self`, so running it again is safe by construction; inside `run` only the transaction is awaited.
//! What must leave the transaction (messages, caches, mail) is returned and sent after the commit.

use std::{any::type_name, future::Future, panic::AssertUnwindSafe};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::oneshot;

use crate::{
    error::{Error, Result},
    tx::Tx,
};

/// How often a write runs because the facts changed under it, before its caller is told that too many want the same.
///
/// On SQLite facts can't change while a write runs, so there a write that asks for another run gets the same facts again. It is run
/// like the others, so that both databases answer alike, and within the one time limit.
pub(crate) const RUNS: u32 = 6;

/// A change of the database: whole or not at all.
pub trait Write: Send + Sync + 'static {
    /// What it yields.
    type Out: Send + 'static;
    /// Why it may refuse. A refusal undoes the write.
    type Error: From<Error> + Send + 'static;

    /// Makes the change. May run more than once; only the last run counts.
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Out, Self::Error>> + Send;
}

/// A look at the database: one consistent view on SQLite, one connection on PostgreSQL.
pub trait Read: Send + Sync + 'static {
    /// What it yields.
    type Out: Send + 'static;
    /// Why it may refuse.
    type Error: From<Error> + Send + 'static;

    /// Reads.
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<Self::Out, Self::Error>> + Send;
}

/// A read in the coat of a write, so that one queue carries both.
pub(crate) struct AsWrite<R>(pub(crate) R);

impl<R: Read> Write for AsWrite<R> {
    type Out = R::Out;
    type Error = R::Error;
    fn run(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<R::Out, R::Error>> + Send {
        self.0.run(tx)
    }
}

/// A queued write, its type erased.
pub(crate) trait Job: Send {
    /// Runs the write; whether it wants to be kept. A panic is caught and counts as a refusal.
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool>;
    /// Replaces what the write yielded: the seam itself failed.
    fn fail(&mut self, error: Error);
    /// Answers the caller. If the caller went away, nothing happens.
    fn answer(self: Box<Self>);
    /// The write's name for logs.
    fn name(&self) -> &'static str;
}

type Outcome<W> = Result<<W as Write>::Out, <W as Write>::Error>;

pub(crate) struct Queued<W: Write> {
    write: W,
    outcome: Option<Outcome<W>>,
    reply: oneshot::Sender<Outcome<W>>,
}

impl<W: Write> Queued<W> {
    /// The write as a job, and where its answer arrives.
    pub(crate) fn queue(write: W) -> (Box<dyn Job>, oneshot::Receiver<Outcome<W>>) {
        let (reply, answer) = oneshot::channel();
        (Box::new(Self { write, outcome: None, reply }), answer)
    }
}

impl<W: Write> Job for Queued<W> {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool> {
        async move {
            let outcome = AssertUnwindSafe(self.write.run(tx)).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(Error::Panicked(type_name::<W>()).into()));
            // A write that swallowed the failure of a statement must not be kept half.
            let outcome = match (&tx.failure, outcome) {
                (Some(failure), Ok(_)) => Err(failure.clone().into()),
                (_, outcome) => outcome,
            };
            let keep = outcome.is_ok();
            if keep {
                tracing::debug!(write = type_name::<W>(), rows = tx.rows_written(), "ran");
            }
            self.outcome = Some(outcome);
            keep
        }
        .boxed()
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(Error::Misuse("a write was answered before it ran").into()));
        // The caller may have gone away; then nobody waits for the answer.
        drop(self.reply.send(outcome));
    }

    fn name(&self) -> &'static str {
        type_name::<W>()
    }
}
