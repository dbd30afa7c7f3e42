//! What the pages of runs show, as values: read by the use cases, drawn by the pages, sent over the live socket.

use serde::{Deserialize, Serialize};

use crate::{
    id::{FlowRunId, LogId, StateId, TaskRunId},
    live::Mark,
    state::StateType,
    time::Timestamp,
};

/// Counts stop here: what is said beyond is "10,000+".
pub const MOST_COUNTED: i64 = 10_001;
/// The runs of one page of a list.
pub const RUNS_A_PAGE: usize = 50;
/// The log lines of one page.
pub const LINES_A_PAGE: usize = 200;
/// The task runs of one page.
pub const TASKS_A_PAGE: usize = 200;
/// The states of a run that are shown, the newest.
pub const MOST_STATES: usize = 100;
/// The most states of one filter.
pub const MOST_FILTERED: usize = 20;
/// The most bytes of a state's name in a filter.
const LONGEST_NAME: usize = 255;

/// Which flow runs a list shows.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunFilter {
    /// States by type; with [`RunFilter::names`], one of either.
    pub types: Vec<StateType>,
    /// States by name.
    pub names: Vec<String>,
    pub since: Since,
}

impl RunFilter {
    /// Whether it leaves out nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it can be asked at all: of a bearable size, and without what no database takes.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let sound = |name: &String| name.len() <= LONGEST_NAME && !name.contains('\0');
        self.types.len() + self.names.len() <= MOST_FILTERED && self.names.iter().all(sound)
    }
}

/// From when on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    #[default]
    Ever,
    /// The last so many seconds.
    Last(u32),
    /// Two points in time; either may be open.
    Between(Option<Timestamp>, Option<Timestamp>),
}

impl Since {
    /// The first and the last moment that count, at `now`.
    #[must_use]
    pub fn bounds(self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        match self {
            Self::Ever => (None, None),
            Self::Last(seconds) => (Some(now.plus_micros(-i64::from(seconds) * 1_000_000)), None),
            Self::Between(from, to) => (from, to),
        }
    }
}

/// A place between two rows of a list of runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RunPlace {
    pub time: Timestamp,
    pub id: FlowRunId,
}

/// Which page of a list of runs, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunCursor {
    #[default]
    Newest,
    /// The page that follows this row.
    After(RunPlace),
    /// The page that ends before this row.
    Before(RunPlace),
}

/// A state as it is drawn.
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
    /// Its place in the list.
    pub sort_time: Timestamp,
}

impl RunRow {
    /// Where it stands in the list.
    #[must_use]
    pub fn place(&self) -> RunPlace {
        RunPlace { time: self.sort_time, id: self.id }
    }
}

/// How many runs of a workspace are in which state.
pub type StateCounts = Vec<(StateType, String, u64)>;

/// A page of a list of runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunList {
    pub rows: Vec<RunRow>,
    /// Whether newer ones that match stand before these.
    pub newer: bool,
    /// Whether older ones that match come after these.
    pub older: bool,
    /// How many match; where runs must be looked at to tell, at most [`MOST_COUNTED`].
    pub total: u64,
    /// All runs of the workspace by state: with them, how many there are without a filter.
    pub counts: StateCounts,
    pub mark: Mark,
}

/// Which part of a run's page is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct RunView {
    /// Log lines of this level and above.
    pub level: i32,
    pub lines: LinePage,
    /// Task runs after so many others.
    pub tasks_after: u32,
}

/// A place between two lines of a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct LinePlace {
    pub at: Timestamp,
    pub id: LogId,
}

/// Which log lines.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinePage {
    /// What a reader comes for: the newest while the run goes on, the oldest once it is over.
    #[default]
    Fitting,
    Oldest,
    Newest,
    /// The page that follows this line.
    After(LinePlace),
    /// The page that ends before this line.
    Before(LinePlace),
}

/// A log line with who wrote it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunLine {
    pub id: LogId,
    pub level: i32,
    pub at: Timestamp,
    pub message: String,
    /// The task run; none for the flow run itself.
    pub task_run: Option<String>,
}

impl RunLine {
    /// Where it stands in the log.
    #[must_use]
    pub fn place(&self) -> LinePlace {
        LinePlace { at: self.at, id: self.id }
    }
}

/// The log lines that are looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunLines {
    /// Oldest first.
    pub lines: Vec<RunLine>,
    /// So many stand before them; none if they are more than are counted.
    pub before: Option<u64>,
    /// How many there are at this level, at most [`MOST_COUNTED`].
    pub total: u64,
    /// Whether more come after these.
    pub more: bool,
}

/// A task run as a row of its flow run's page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaskRow {
    pub id: TaskRunId,
    pub name: String,
    pub state: Option<(StateType, String)>,
    pub message: Option<String>,
    pub run_count: i64,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Its place in the list.
    pub sort_time: Timestamp,
}

/// How many task runs of a flow run are in a state of this type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaskCount {
    pub state_type: Option<StateType>,
    pub runs: u64,
    /// Those that started, or ended without.
    pub begun: u64,
}

/// The task runs that are looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TaskRows {
    pub rows: Vec<TaskRow>,
    pub before: u64,
    /// By state type, [`MOST_COUNTED`] at most in all.
    pub counts: Vec<TaskCount>,
    pub more: bool,
}

impl TaskRows {
    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|count| count.runs).sum()
    }
}

/// A run that another page leads to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunLink {
    pub id: FlowRunId,
    pub flow: String,
    pub name: String,
}

/// What is known about one flow run besides its logs, task runs and states.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunHead {
    pub id: FlowRunId,
    pub flow: String,
    pub name: String,
    pub state: Option<StateLine>,
    pub tags: Vec<String>,
    pub flow_version: Option<String>,
    pub parent: Option<RunLink>,
    /// As indented JSON; none without parameters.
    pub parameters: Option<String>,
    pub created: Timestamp,
    pub expected: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Why it broke, if it did.
    pub trouble: Option<Trouble>,
}

/// Why a run broke.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trouble {
    pub at: Timestamp,
    /// The task run that broke first; none if no task run did.
    pub task_run: Option<String>,
    pub message: String,
    /// The first log line that tells of an error.
    pub line: Option<LogId>,
    /// The last run of the flow that ended well before this one, and when.
    pub last_good: Option<(FlowRunId, Timestamp)>,
}

/// The page of one flow run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunScreen {
    pub head: RunHead,
    /// Newest first, at most [`MOST_STATES`].
    pub states: Vec<StateLine>,
    pub lines: RunLines,
    pub tasks: TaskRows,
    pub mark: Mark,
}

/// The page that waits for a workspace's first run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FirstRunScreen {
    pub progress: FirstRunProgress,
    pub now: Timestamp,
    pub mark: Mark,
}

/// How far the first run has come.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct FirstRunProgress {
    /// When a client called with a key of a member, to the minute.
    pub called: Option<Timestamp>,
    /// The newest run.
    pub run: Option<RunRow>,
    /// The newest log line of that run; one that warns, if there is any.
    pub line: Option<RunLine>,
    /// How many runs there are.
    pub runs: u64,
}
