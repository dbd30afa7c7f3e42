//! How a loop is doing.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::time::Timestamp;

/// A loop as an administrator sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct Status {
    pub name: &'static str,
    pub period: Duration,
    /// How many ticks there were since the start of the server.
    pub ticks: u64,
    /// How many things they dealt with.
    pub done: u64,
    /// How many of the last ticks failed, one after the other.
    pub failures: u32,
    /// None before the first tick.
    pub last: Option<Tick>,
}

/// One tick.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tick {
    pub began: Timestamp,
    pub took: Duration,
    pub outcome: Outcome,
}

/// How a tick ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It dealt with so many things.
    Done(u64),
    /// It failed; the log says why.
    Failed,
}

/// Where a loop writes its status and others read it.
#[derive(Debug)]
pub(crate) struct Board(Mutex<Status>);

impl Board {
    pub(crate) fn new(name: &'static str, period: Duration) -> Self {
        Self(Mutex::new(Status { name, period, ticks: 0, done: 0, failures: 0, last: None }))
    }

    pub(crate) fn read(&self) -> Status {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a tick; how many have failed one after the other by now.
    pub(crate) fn note(&self, tick: Tick) -> u32 {
        let mut status = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        status.ticks += 1;
        match tick.outcome {
            Outcome::Done(done) => (status.done, status.failures) = (status.done + done, 0),
            Outcome::Failed => status.failures += 1,
        }
        status.last = Some(tick);
        status.failures
    }
}
