//! A token bucket that is stored as one timestamp (the generic cell rate algorithm).

use model::time::{Span, Timestamp};

use super::{Limit, RetryAfter};

/// `burst` attempts at once, then one per `interval`.
pub struct Bucket {
    /// Microseconds.
    interval: i64,
    /// How far `FullAt` may be ahead of now for another attempt to be allowed, in microseconds.
    tolerance: i64,
}

/// When the bucket will be full again. Each token taken adds one interval.
#[derive(Default)]
pub struct FullAt(Timestamp);

impl Bucket {
    pub fn new(burst: u32, per_second: f64) -> Self {
        let interval = Span::from_seconds(1.0 / per_second).micros().max(1);
        Self { interval, tolerance: interval.saturating_mul(i64::from(burst.max(1)) - 1) }
    }
}

impl Limit for Bucket {
    type Usage = FullAt;

    fn take(&self, usage: &mut FullAt, now: Timestamp) -> Result<(), RetryAfter> {
        let full_at = usage.0.max(now);
        let wait = full_at.since(now).micros() - self.tolerance;
        if wait > 0 {
            return Err(RetryAfter(Span::from_micros(wait)));
        }
        usage.0 = full_at.plus_micros(self.interval);
        Ok(())
    }

    fn refund(&self, usage: &mut FullAt, _: Timestamp) {
        usage.0 = usage.0.plus_micros(-self.interval);
    }

    fn expires_at(&self, usage: &FullAt) -> Timestamp {
        usage.0
    }
}
