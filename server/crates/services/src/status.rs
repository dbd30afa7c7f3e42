//! The status of background services.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::time::Timestamp;

/// The status of a service, for administrators.
#[derive(Clone, PartialEq, Debug)]
pub struct Status {
    pub name: &'static str,
    pub period: Duration,
    /// Ticks since the start of the server.
    pub ticks: u64,
    /// Items processed by these ticks.
    pub done: u64,
    /// Consecutive failures up to the last tick.
    pub failures: u32,
    /// None before the first tick.
    pub last: Option<Tick>,
}

/// One tick.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Tick {
    pub started: Timestamp,
    pub duration: Duration,
    pub outcome: TickOutcome,
}

/// How a tick ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TickOutcome {
    /// The tick processed this many items.
    Done(u64),
    /// The tick failed; the error is in the log.
    Failed,
}

/// A status that its service updates and other threads read.
#[derive(Debug)]
pub(crate) struct SharedStatus(Mutex<Status>);

impl SharedStatus {
    pub(crate) fn new(name: &'static str, period: Duration) -> Self {
        Self(Mutex::new(Status { name, period, ticks: 0, done: 0, failures: 0, last: None }))
    }

    pub(crate) fn read(&self) -> Status {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Records a tick and returns the number of consecutive failures.
    pub(crate) fn record(&self, tick: Tick) -> u32 {
        let mut status = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        status.ticks += 1;
        match tick.outcome {
            TickOutcome::Done(done) => (status.done, status.failures) = (status.done + done, 0),
            TickOutcome::Failed => status.failures += 1,
        }
        status.last = Some(tick);
        status.failures
    }
}
