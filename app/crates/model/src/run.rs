//! What flow runs and task runs have in common.

use crate::time::{Span, Timestamp};

/// Counts and times of a run: how often, how long and when it ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RunTimes {
    /// How often the run started.
    pub run_count: i64,
    /// When the run first started.
    pub start_time: Option<Timestamp>,
    /// When the run ended; set exactly while the run is in a terminal state.
    pub end_time: Option<Timestamp>,
    /// How long the run was in RUNNING, without the current RUNNING state.
    pub total_run_time: Span,
    pub expected_start_time: Option<Timestamp>,
    /// When the run is due; set exactly while the run is scheduled.
    pub next_scheduled_start_time: Option<Timestamp>,
}

impl RunTimes {
    /// The time by which lists of runs are sorted: when the run started, else when it should start, else when it was created. The
    /// database generates the same in the column `sort_time`.
    #[must_use]
    pub fn sort_time(&self, created: Timestamp) -> Timestamp {
        self.start_time.or(self.expected_start_time).unwrap_or(created)
    }
}
