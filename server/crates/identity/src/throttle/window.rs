//! A sliding window that stores the time of each attempt, so that the limit is exact.

use std::collections::VecDeque;

use model::time::{Span, Timestamp};

use super::{Limit, RetryAfter};

/// At most `limit` attempts within any `period`.
pub struct Window {
    limit: usize,
    /// Microseconds.
    period: i64,
}

impl Window {
    pub fn new(limit: u32, period: Span) -> Self {
        Self { limit: usize::try_from(limit).unwrap_or(usize::MAX).max(1), period: period.micros() }
    }
}

impl Limit for Window {
    /// The times of the attempts, oldest first; never more than the limit.
    type Usage = VecDeque<Timestamp>;

    fn take(&self, usage: &mut Self::Usage, now: Timestamp) -> Result<(), RetryAfter> {
        while usage.front().is_some_and(|oldest| now.since(*oldest).micros() >= self.period) {
            usage.pop_front();
        }
        if usage.len() < self.limit {
            usage.push_back(now);
            return Ok(());
        }
        let oldest = usage.front().copied().unwrap_or(now);
        Err(RetryAfter(oldest.plus_micros(self.period).since(now)))
    }

    fn refund(&self, usage: &mut Self::Usage, attempted: Timestamp) {
        if let Some(index) = usage.iter().rposition(|at| *at == attempted) {
            usage.remove(index);
        }
    }

    fn expires_at(&self, usage: &Self::Usage) -> Timestamp {
        usage.back().map_or(Timestamp::default(), |newest| newest.plus_micros(self.period))
    }
}
