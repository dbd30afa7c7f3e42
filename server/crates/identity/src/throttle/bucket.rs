//! A bucket of tokens that refills steadily, kept as one point in time.

use model::time::{Span, Timestamp};

use super::{Limit, RetryAfter};

/// `burst` at once, then one each `interval`.
pub struct Bucket {
    interval: i64,
    /// How far the past may reach beyond now while one more is allowed.
    slack: i64,
}

/// When the bucket will be full again: each token taken moves it on by one interval.
#[derive(Default)]
pub struct FullAt(Timestamp);

impl Bucket {
    pub fn new(burst: u32, per_second: f64) -> Self {
        let interval = Span::from_seconds(1.0 / per_second).micros().max(1);
        Self { interval, slack: interval.saturating_mul(i64::from(burst.max(1)) - 1) }
    }
}

impl Limit for Bucket {
    type Past = FullAt;

    fn take(&self, past: &mut FullAt, now: Timestamp) -> Result<(), RetryAfter> {
        let full_at = past.0.max(now);
        let wait = full_at.since(now).micros() - self.slack;
        if wait > 0 {
            return Err(RetryAfter(Span::from_micros(wait)));
        }
        past.0 = full_at.plus_micros(self.interval);
        Ok(())
    }

    fn give_back(&self, past: &mut FullAt, _: Timestamp) {
        past.0 = past.0.plus_micros(-self.interval);
    }

    fn forgotten_at(&self, past: &FullAt) -> Timestamp {
        past.0
    }
}
