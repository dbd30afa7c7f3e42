//! The trait of background services.

use std::{future::Future, time::Duration};

use control::{Cx, Result, changes::Change};

/// A background service: a loop of ticks.
pub trait Service: Send + Sync + 'static {
    /// The name in logs.
    const NAME: &'static str;
    /// The name on the page for administrators.
    const TITLE: &'static str;
    /// What the service does, in a few words for administrators.
    const DESCRIPTION: &'static str;
    /// What [`Report::done`] counts, for one and for several: "run marked late", "runs marked late".
    const COUNTS: (&'static str, &'static str);

    /// The pause after a tick that left no work.
    fn period(&self) -> Duration;

    /// Which changes end the pause early because they may have made work. None if no change does: then publishing costs nothing for the
    /// service.
    fn woken_by(&self) -> Option<fn(&Change) -> bool> {
        None
    }

    /// Does one bounded batch of the work that is due. A second tick must not repeat work of the first.
    fn tick(&self, cx: &Cx) -> impl Future<Output = Result<Report>> + Send;
}

/// The result of a tick.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// How many items the tick processed.
    pub done: u64,
    /// Whether more work is due.
    pub more: bool,
}

impl Report {
    /// The report of a batch of at most `max` items: after a full batch more work may be due.
    #[must_use]
    pub fn of_batch(done: u64, max: i64) -> Self {
        Self { done, more: i64::try_from(done).is_ok_and(|done| done >= max) }
    }
}
