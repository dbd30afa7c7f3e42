//! The screen of the list of flow runs.

use serde::{Deserialize, Serialize};

use crate::{id::FlowRunId, state::StateType, stream_position::StreamPosition, time::Timestamp};

/// The most planned runs that a list shows.
pub const PLANNED_RUNS: usize = 5;
/// Runs per page of a list.
pub const RUNS_PER_PAGE: usize = 50;
/// The most states of one filter.
const MAX_FILTERED_STATES: usize = 20;
/// The most bytes of a state's name in a filter.
const MAX_STATE_NAME_BYTES: usize = 255;

/// The filter of a list of flow runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunFilter {
    /// State types. A run matches if its state has one of these types or one of [`RunFilter::names`].
    pub types: Vec<StateType>,
    /// State names.
    pub names: Vec<String>,
    pub since: Since,
}

impl RunFilter {
    /// Whether it matches every run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it keeps the size limits and contains no NUL, which PostgreSQL can't store.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let valid = |name: &String| name.len() <= MAX_STATE_NAME_BYTES && !name.contains('\0');
        self.types.len() + self.names.len() <= MAX_FILTERED_STATES && self.names.iter().all(valid)
    }
}

/// The time range of a list of runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    #[default]
    Ever,
    /// The last n seconds.
    Last(u32),
    /// From and to; either may be open.
    Between(Option<Timestamp>, Option<Timestamp>),
}

impl Since {
    /// The first and the last moment of the range, at `now`.
    #[must_use]
    pub fn bounds(self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::Ever => (None, None),
            Self::Last(seconds) => (Some(now.plus_micros(-i64::from(seconds) * 1_000_000)), None),
            Self::Between(from, to) => (from, to),
        }
    }
}

/// The sort key of a row in a list of runs, from which keyset pagination continues.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RunSortKey {
    pub time: Timestamp,
    pub id: FlowRunId,
}

/// Selects a page of a list of runs, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunCursor {
    #[default]
    Newest,
    /// The page after this row.
    After(RunSortKey),
    /// The page before this row.
    Before(RunSortKey),
}

/// A flow run as a row of a list.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunRow {
    pub id: FlowRunId,
    pub flow: String,
    pub name: String,
    pub state: Option<(StateType, String)>,
    pub tags: Vec<String>,
    pub task_runs: u64,
    pub expected: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// The time by which the list is sorted.
    pub sort_time: Timestamp,
}

impl RunRow {
    /// Its sort key in the list.
    #[must_use]
    pub fn sort_key(&self) -> RunSortKey {
        RunSortKey { time: self.sort_time, id: self.id }
    }
}

/// The number of runs of a workspace by state type and name.
pub type StateCounts = Vec<(StateType, String, u64)>;

/// The planned runs of a list: those that are scheduled for later. A list without a filter of states shows them apart.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct PlannedRuns {
    /// How many there are; at most [`MAX_COUNT`](super::MAX_COUNT).
    pub total: u64,
    /// The next ones, soonest first.
    pub next: Vec<RunRow>,
}

/// A page of a list of runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunList {
    pub rows: Vec<RunRow>,
    /// Whether newer matching runs precede these rows.
    pub newer: bool,
    /// Whether older matching runs follow these rows.
    pub older: bool,
    /// How many runs match, without those in `planned`; at most [`MAX_COUNT`](super::MAX_COUNT) if the database has to scan runs to count
    /// them.
    pub total: u64,
    pub planned: PlannedRuns,
    /// All runs of the workspace by state, from which the page also sums the total without a filter.
    pub counts: StateCounts,
    pub position: StreamPosition,
}

/// What changed in a list of runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunListUpdate {
    /// Created or changed runs that match.
    pub rows: Vec<RunRow>,
    /// Changed runs that no longer match, deleted ones, and planned ones that are shown apart.
    pub gone: Vec<FlowRunId>,
    pub total: u64,
    pub planned: PlannedRuns,
    pub counts: StateCounts,
}
