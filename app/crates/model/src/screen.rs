//! The screens: all data that a page of runs shows. Use cases read them, pages render them, the live socket updates their parts.

use serde::{Deserialize, Serialize};

use crate::{
    id::{FlowRunId, LogId, StateId, TaskRunId},
    state::StateType,
    stream_position::StreamPosition,
    time::Timestamp,
};

/// Queries count up to this number; pages show a count that reaches it as "10,000+".
pub const MAX_COUNT: i64 = 10_001;
/// Runs per page of a list.
pub const RUNS_PER_PAGE: usize = 50;
/// Log lines per page.
pub const LINES_PER_PAGE: usize = 200;
/// Task runs per page.
pub const TASKS_PER_PAGE: usize = 200;
/// How many of a run's states are shown, the newest.
pub const MAX_STATES: usize = 100;
/// The most states of one filter.
pub const MAX_FILTERED_STATES: usize = 20;
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

/// A state of a run, as pages show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StateLine {
    pub id: StateId,
    pub state_type: StateType,
    pub name: String,
    pub at: Timestamp,
    pub message: Option<String>,
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

/// A page of a list of runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunList {
    pub rows: Vec<RunRow>,
    /// Whether newer matching runs precede these rows.
    pub newer: bool,
    /// Whether older matching runs follow these rows.
    pub older: bool,
    /// How many runs match; at most [`MAX_COUNT`] if the database has to scan runs to count them.
    pub total: u64,
    /// All runs of the workspace by state, from which the page also sums the total without a filter.
    pub counts: StateCounts,
    pub position: StreamPosition,
}

/// Selects the log lines and the task runs on a run's page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct RunView {
    /// The lowest log level to show.
    pub level: i32,
    pub lines: LinePage,
    /// How many task runs to skip.
    pub tasks_after: u32,
}

/// The sort key of a log line, from which keyset pagination continues.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct LineSortKey {
    pub at: Timestamp,
    pub id: LogId,
}

/// Selects a page of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinePage {
    /// The newest lines while the run is running, the oldest once it has ended.
    #[default]
    Auto,
    Oldest,
    Newest,
    /// The page after this line.
    After(LineSortKey),
    /// The page before this line.
    Before(LineSortKey),
}

/// A log line, as pages show it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunLine {
    pub id: LogId,
    pub level: i32,
    pub at: Timestamp,
    pub message: String,
    /// The name of the task run that wrote it; `None` for the flow run itself.
    pub task_run: Option<String>,
}

impl RunLine {
    /// Its sort key in the log.
    #[must_use]
    pub fn sort_key(&self) -> LineSortKey {
        LineSortKey { at: self.at, id: self.id }
    }
}

/// A page of log lines.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunLines {
    /// Oldest first.
    pub lines: Vec<RunLine>,
    /// How many lines precede them; `None` if there are too many to count.
    pub before: Option<u64>,
    /// How many lines there are at the level and above, at most [`MAX_COUNT`].
    pub total: u64,
    /// Whether more lines follow.
    pub more: bool,
}

/// A task run as a row on its flow run's page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaskRow {
    pub id: TaskRunId,
    pub name: String,
    pub state: Option<(StateType, String)>,
    pub message: Option<String>,
    pub run_count: i64,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// The list is sorted by this number first.
    pub rank: u8,
    /// The time by which the list is sorted.
    pub sort_time: Timestamp,
}

/// The number of a flow run's task runs whose state has a given type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaskCount {
    pub state_type: Option<StateType>,
    pub runs: u64,
    /// How many of them have started, or have ended without starting.
    pub begun: u64,
}

/// A page of task runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaskRows {
    pub rows: Vec<TaskRow>,
    pub before: u64,
    /// By state type; their sum is at most [`MAX_COUNT`].
    pub counts: Vec<TaskCount>,
    pub more: bool,
}

impl TaskRows {
    /// How many task runs the flow run has.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| count.runs).sum()
    }
}

/// A link to a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunLink {
    pub id: FlowRunId,
    pub flow: String,
    pub name: String,
}

/// A flow run without its log lines, task runs and earlier states.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunHead {
    pub id: FlowRunId,
    pub flow: String,
    pub name: String,
    pub state: Option<StateLine>,
    pub tags: Vec<String>,
    pub flow_version: Option<String>,
    pub parent: Option<RunLink>,
    /// As indented JSON; `None` without parameters.
    pub parameters: Option<String>,
    pub created: Timestamp,
    pub expected: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Why it failed or crashed, if it did.
    pub failure: Option<Failure>,
}

/// Why a run failed or crashed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    pub at: Timestamp,
    /// The name of the first task run that failed; `None` if none did.
    pub task_run: Option<String>,
    pub message: String,
    /// The first log line at error level.
    pub line: Option<LogId>,
    /// The last completed run of the flow before this one, and when it ended.
    pub last_good: Option<(FlowRunId, Timestamp)>,
}

/// The screen of one flow run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunScreen {
    pub head: RunHead,
    /// Newest first, at most [`MAX_STATES`].
    pub states: Vec<StateLine>,
    pub lines: RunLines,
    pub tasks: TaskRows,
    pub position: StreamPosition,
}

/// The screen of the page that waits for a workspace's first run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FirstRunScreen {
    pub progress: FirstRunProgress,
    pub now: Timestamp,
    pub position: StreamPosition,
}

/// The progress towards a workspace's first run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct FirstRunProgress {
    /// The last API call with a key of a member, to the minute.
    pub called: Option<Timestamp>,
    /// The newest run.
    pub run: Option<RunRow>,
    /// The newest warning or error of that run, or else its newest log line.
    pub line: Option<RunLine>,
    /// How many runs the workspace has.
    pub runs: u64,
}
