//! The screen of one flow run.

use serde::{Deserialize, Serialize};

use super::StateLine;
use crate::{
    id::{FlowRunId, TaskRunId},
    log::LogId,
    state::StateType,
    stream_position::StreamPosition,
    time::Timestamp,
};

/// Log lines per page.
pub const LINES_PER_PAGE: usize = 200;
/// Task runs per page.
pub const TASKS_PER_PAGE: usize = 200;
/// How many of a run's states are shown, the newest.
pub const MAX_STATES: usize = 100;

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
    /// The page with this line and a few before it.
    Around(LineSortKey),
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
    /// How many lines there are at the level and above, at most [`MAX_COUNT`](super::MAX_COUNT).
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
    /// The subflow run that it represents, if it does; the newest if there are several.
    pub subflow: Option<FlowRunId>,
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
    /// By state type; their sum is at most [`MAX_COUNT`](super::MAX_COUNT).
    pub counts: Vec<TaskCount>,
    /// How many subflow runs the flow run has, at most [`MAX_COUNT`](super::MAX_COUNT).
    pub subflows: u64,
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
    /// Who or what created it; `None` if it was a client's script, or has no name.
    pub created_by: Option<String>,
    pub expected: Option<Timestamp>,
    /// When the run is due, if its state is a scheduled one; until when it may be resumed, if it is a paused one.
    pub until: Option<Timestamp>,
    /// Whether the run is paused and its process has ended. Otherwise the process of a paused run waits, and fails the run at `until`.
    pub suspended: bool,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Why it failed or crashed, if it did.
    pub failure: Option<Failure>,
}

/// Why a run failed or crashed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    pub at: Timestamp,
    /// The first task run that failed; `None` if none did.
    pub task_run: Option<FailedTask>,
    pub message: String,
    /// The log line that tells the failure, or else the first one at error level.
    pub line: Option<LineSortKey>,
    /// The last completed run of the flow before this one, and when it ended.
    pub last_good: Option<(FlowRunId, Timestamp)>,
}

/// A task run that failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FailedTask {
    pub id: TaskRunId,
    pub name: String,
    /// See [`TaskRow::subflow`].
    pub subflow: Option<FlowRunId>,
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

/// What changed in a run. Unchanged parts are `None`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct RunUpdate {
    pub head: Option<RunHead>,
    /// All states, newest first.
    pub states: Option<Vec<StateLine>>,
    pub tasks: Option<TaskRunsUpdate>,
    pub lines: Option<LogLinesUpdate>,
}

/// Created or changed task runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TaskRunsUpdate {
    pub rows: Vec<TaskRow>,
    pub counts: Vec<TaskCount>,
    pub subflows: u64,
}

/// New log lines. The page may have some of them already.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LogLinesUpdate {
    /// Oldest first.
    pub lines: Vec<RunLine>,
    pub total: u64,
    /// Whether older new lines were left out because there were too many.
    pub gap: bool,
}
