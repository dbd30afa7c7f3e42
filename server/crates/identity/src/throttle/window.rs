//! So many within a time that slides along: exact, at the price of remembering when each was.

use std::collections::VecDeque;

use model::time::{Span, Timestamp};

use super::{Limit, RetryAfter};

/// `limit` within any `period`.
pub struct Window {
    limit: usize,
    period: i64,
}

impl Window {
    pub fn new(limit: u32, period: Span) -> Self {
        Self { limit: usize::try_from(limit).unwrap_or(usize::MAX).max(1), period: period.micros() }
    }
}

impl Limit for Window {
    /// When each was taken, the oldest first; never more than the limit.
    type Past = VecDeque<Timestamp>;

    fn take(&self, past: &mut Self::Past, now: Timestamp) -> Result<(), RetryAfter> {
        while past.front().is_some_and(|oldest| now.since(*oldest).micros() >= self.period) {
            past.pop_front();
        }
        if past.len() < self.limit {
            past.push_back(now);
            return Ok(());
        }
        let oldest = past.front().copied().unwrap_or(now);
        Err(RetryAfter(oldest.plus_micros(self.period).since(now)))
    }

    fn give_back(&self, past: &mut Self::Past, taken: Timestamp) {
        if let Some(place) = past.iter().rposition(|at| *at == taken) {
            past.remove(place);
        }
    }

    fn forgotten_at(&self, past: &Self::Past) -> Timestamp {
        past.back().map_or(Timestamp::default(), |newest| newest.plus_micros(self.period))
    }
}
