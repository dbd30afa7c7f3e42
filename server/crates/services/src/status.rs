//! Records the status of a service, which administrators read.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use control::{Error, server::SharedStatus};
use model::{
    server::{Failing, ServiceStatus, Tick, TickOutcome},
    time::{Span, Timestamp},
};

use crate::service::Service;

/// The pause after a failure; it doubles with each consecutive failure.
const MIN_BACKOFF: Duration = Duration::from_millis(500);
/// The longest pause after failures.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// The most characters of an error in a status.
const MAX_ERROR_CHARACTERS: usize = 500;

/// Records the ticks of one service.
#[derive(Debug)]
pub(crate) struct StatusRecorder(SharedStatus);

impl StatusRecorder {
    /// For a service that has not ticked yet.
    pub(crate) fn new<S: Service>(service: &S) -> Self {
        let (one, several) = S::COUNTS;
        Self(Arc::new(Mutex::new(ServiceStatus {
            name: S::NAME.to_owned(),
            title: S::TITLE.to_owned(),
            description: S::DESCRIPTION.to_owned(),
            counts: (one.to_owned(), several.to_owned()),
            period: span(service.period()),
            running: None,
            last: None,
            ticks: 0,
            done: 0,
            errors: 0,
            failing: None,
        })))
    }

    /// The status, for administrators.
    pub(crate) fn shared(&self) -> SharedStatus {
        Arc::clone(&self.0)
    }

    /// Records that a tick starts.
    pub(crate) fn start(&self, now: Timestamp) {
        self.update(|status| status.running = Some(now));
    }

    /// Records that the tick has succeeded.
    pub(crate) fn succeed(&self, duration: Duration, done: u64) {
        self.update(|status| {
            status.done += done;
            status.failing = None;
            end_tick(status, duration, TickOutcome::Done(done));
        });
    }

    /// Records that the tick has failed at `now`. Returns the pause before the next try.
    pub(crate) fn fail(&self, now: Timestamp, duration: Duration, error: &str) -> Duration {
        self.update(|status| {
            let started = end_tick(status, duration, TickOutcome::Failed);
            status.errors += 1;
            let (since, times) = status.failing.as_ref().map_or((started, 0), |last| (last.since, last.times));
            let pause = backoff(times);
            let error = error.chars().take(MAX_ERROR_CHARACTERS).collect();
            let next_try = now.plus_micros(span(pause).micros());
            status.failing = Some(Failing { since, times: times.saturating_add(1), error, next_try });
            pause
        })
    }

    fn update<T>(&self, change: impl FnOnce(&mut ServiceStatus) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Records what a success and a failure have in common. Returns when the tick started.
fn end_tick(status: &mut ServiceStatus, duration: Duration, outcome: TickOutcome) -> Timestamp {
    let started = status.running.take().unwrap_or_default();
    status.ticks += 1;
    status.last = Some(Tick { started, duration: span(duration), outcome });
    started
}

/// The pause after a failure that follows on so many others.
fn backoff(earlier: u32) -> Duration {
    (MIN_BACKOFF * 2_u32.pow(earlier.min(10))).min(MAX_BACKOFF)
}

/// Why a tick failed, for administrators. The details of most errors are only in the log.
pub(crate) fn error_text(error: &Error) -> String {
    match error {
        Error::TooManyRequests { .. } => "the database is overloaded".to_owned(),
        Error::Unavailable => "the database can’t be reached".to_owned(),
        Error::Internal => "internal error; see the server log".to_owned(),
        other => other.to_string(),
    }
}

fn span(duration: Duration) -> Span {
    Span::from_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{MAX_BACKOFF, MIN_BACKOFF, backoff};

    #[test]
    fn the_pause_after_failures_doubles_up_to_a_bound() {
        assert_eq!([0, 1, 2].map(backoff), [MIN_BACKOFF, MIN_BACKOFF * 2, MIN_BACKOFF * 4]);
        assert_eq!([19, u32::MAX].map(backoff), [MAX_BACKOFF; 2]);
    }
}
