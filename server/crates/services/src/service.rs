//! What a background loop is.

use std::{future::Future, time::Duration};

use control::{Cx, Result, bus::Change};

/// A background loop.
pub trait Service: Send + Sync + 'static {
    /// Its name in logs and on the page of administrators.
    const NAME: &'static str;

    /// How long it rests between two ticks that found nothing more to do.
    fn period(&self) -> Duration;

    /// Which changes may have made work for it, so that it need not wait for its period. None if there are no such: then it does not listen,
    /// and costs those who make changes nothing.
    fn woken_by(&self) -> Option<fn(&Change) -> bool> {
        None
    }

    /// Does what is due: one bounded batch. A second tick right after it finds nothing of what the first has done.
    fn tick(&self, cx: &Cx) -> impl Future<Output = Result<Report>> + Send;
}

/// What a tick did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// How many things it dealt with.
    pub done: u64,
    /// Whether there is more to do right away.
    pub more: bool,
}

impl Report {
    /// The report of a batch that was to deal with at most `most` things: a full one means that there may be more.
    #[must_use]
    pub fn of_batch(done: u64, most: i64) -> Self {
        Self { done, more: i64::try_from(done).is_ok_and(|done| done >= most) }
    }
}
