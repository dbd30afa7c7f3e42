//! What the pages of runs read: rows without the JSON columns that only clients need, and counts with an upper bound.

use model::{
    id::{FlowId, FlowRunId, LogId, StateId, TaskRunId},
    log::LogLevel,
    state::StateType,
    time::Timestamp,
};

use crate::{
    column::Json,
    record,
    statement::{Scoped, Statement},
    statements,
};

record! {
    /// A flow run on the page that lists runs.
    pub struct RunListRow {
        pub id: FlowRunId,
        pub name: String,
        pub tags: Vec<String>,
        pub state_type: Option<StateType>,
        pub state_name: Option<String>,
        pub expected_start_time: Option<Timestamp>,
        pub start_time: Option<Timestamp>,
        pub end_time: Option<Timestamp>,
        pub sort_time: Timestamp,
    }
}

record! {
    /// The flow of such a run.
    pub struct FlowNameRow {
        pub name: String,
    }
}

record! {
    /// A task run on the page of its flow run.
    pub struct TaskListRow {
        pub id: TaskRunId,
        pub name: String,
        pub state_type: Option<StateType>,
        pub state_name: Option<String>,
        pub message: Option<String>,
        pub run_count: i64,
        pub start_time: Option<Timestamp>,
        pub end_time: Option<Timestamp>,
        pub sort_time: Timestamp,
    }
}

record! {
    /// A log line with the name of its task run.
    pub struct LogLineRow {
        pub id: LogId,
        pub level: i64,
        pub timestamp: Timestamp,
        pub message: String,
        pub task_run: Option<String>,
    }
}

record! {
    /// A state in a run's history.
    pub struct StateHistoryRow {
        pub id: StateId,
        pub state_type: StateType,
        pub name: String,
        pub timestamp: Timestamp,
        pub message: Option<String>,
    }
}

record! {
    /// The task run that failed or crashed first.
    pub struct FailedTaskRunRow {
        pub name: String,
        pub timestamp: Timestamp,
        pub message: Option<String>,
    }
}

statements! {
    /// The name of a flow.
    scoped FLOW_NAME: (FlowId,) => (String,) = "SELECT name FROM flow WHERE workspace_id = $1 AND id = $2";
    /// The parent of a subflow run, by its parent task run: id, flow and name.
    scoped PARENT_RUN: (TaskRunId,) => (FlowRunId, String, String) =
        "SELECT p.id, f.name, p.name FROM task_run t
         JOIN flow_run p ON p.workspace_id = t.workspace_id AND p.id = t.flow_run_id
         JOIN flow f ON f.workspace_id = p.workspace_id AND f.id = p.flow_id
         WHERE t.workspace_id = $1 AND t.id = $2";
    /// The newest states of a flow run, newest first.
    scoped NEWEST_STATES: (FlowRunId, i64) => StateHistoryRow = select
        "FROM flow_run_state
         WHERE workspace_id = $1 AND flow_run_id = $2 ORDER BY timestamp DESC, id DESC LIMIT $3";
    /// How many task runs each of these flow runs has, counted up to a limit.
    scoped COUNT_TASK_RUNS: (Json<Vec<FlowRunId>>, i64) => (FlowRunId, i64) =
        "SELECT r.id, (SELECT COUNT(*) FROM
            (SELECT 1 FROM task_run t WHERE t.workspace_id = $1 AND t.flow_run_id = r.id LIMIT $3) AS counted)
         FROM flow_run r WHERE r.workspace_id = $1 AND r.id IN " ids "$2";
    /// How many task runs a flow run has by the type of their state, counted up to a limit, and how many of them have started.
    scoped TASK_RUNS_BY_STATE: (FlowRunId, i64) => (Option<StateType>, i64, i64) =
        "SELECT state_type, COUNT(*), COUNT(COALESCE(start_time, end_time))
         FROM (SELECT state_type, start_time, end_time FROM task_run WHERE workspace_id = $1 AND flow_run_id = $2 LIMIT $3) AS counted
         GROUP BY state_type ORDER BY state_type";
    /// The task runs of a flow run in the order of their sort time.
    scoped TASK_RUNS_OF_RUN: (FlowRunId, i64, i64) => TaskListRow =
        "SELECT t.id, t.name, t.state_type, t.state_name, s.message, t.run_count, t.start_time, t.end_time, t.sort_time
         FROM task_run t LEFT JOIN task_run_state s ON s.workspace_id = t.workspace_id AND s.id = t.state_id
         WHERE t.workspace_id = $1 AND t.flow_run_id = $2 ORDER BY t.sort_time, t.id LIMIT $3 OFFSET $4";
    /// The task runs with these ids.
    scoped TASK_RUNS_BY_IDS: (Json<Vec<TaskRunId>>,) => TaskListRow =
        "SELECT t.id, t.name, t.state_type, t.state_name, s.message, t.run_count, t.start_time, t.end_time, t.sort_time
         FROM task_run t LEFT JOIN task_run_state s ON s.workspace_id = t.workspace_id AND s.id = t.state_id
         WHERE t.workspace_id = $1 AND t.id IN " ids "$2";
    /// The task run of a flow run that failed or crashed first, among so many.
    scoped FIRST_FAILED_TASK_RUN: (FlowRunId, i64) => FailedTaskRunRow =
        "SELECT t.name, s.timestamp, s.message
         FROM (SELECT name, state_id, state_type FROM task_run WHERE workspace_id = $1 AND flow_run_id = $2 LIMIT $3) t
         JOIN task_run_state s ON s.workspace_id = $1 AND s.id = t.state_id
         WHERE t.state_type IN ('FAILED', 'CRASHED') ORDER BY s.timestamp, s.id LIMIT 1";
    /// The last completed run of a flow before a time, among the last so many.
    scoped LAST_COMPLETED_RUN: (FlowId, Timestamp, i64) => (FlowRunId, Timestamp) =
        "SELECT id, sort_time FROM (
             SELECT id, sort_time, state_type FROM flow_run
             WHERE workspace_id = $1 AND flow_id = $2 AND sort_time < $3 ORDER BY sort_time DESC, id DESC LIMIT $4) AS before
         WHERE state_type = 'COMPLETED' ORDER BY sort_time DESC, id DESC LIMIT 1";
}

macro_rules! ranked_task_runs {
    ($($state:literal => $rank:literal,)* else $other:literal) => {
        statements! {
            /// The first so many task runs of a flow run by [`task_rank`]; within a rank the last to end first.
            scoped RANKED_TASK_RUNS: (FlowRunId, i64, i64, i64) => TaskListRow = concat!(
                "SELECT t.id, t.name, t.state_type, t.state_name, s.message, t.run_count, t.start_time, t.end_time, t.sort_time
                 FROM (SELECT * FROM task_run WHERE workspace_id = $1 AND flow_run_id = $2 ORDER BY sort_time, id LIMIT $3) AS t
                 LEFT JOIN task_run_state s ON s.workspace_id = $1 AND s.id = t.state_id
                 ORDER BY CASE t.state_type", $(" WHEN '", $state, "' THEN ", $rank,)* " ELSE ", $other, " END,
                     t.end_time DESC NULLS LAST, t.sort_time, t.id
                 LIMIT $4 OFFSET $5");
        }

        /// The rank of a task run on its flow run's page, by the type of its state.
        #[must_use]
        pub fn task_rank(state_type: Option<StateType>) -> u8 {
            match state_type.map(StateType::as_str) {
                $(Some($state) => $rank,)*
                _ => $other,
            }
        }
    };
}

ranked_task_runs! {
    "FAILED" => 0,
    "CRASHED" => 0,
    "RUNNING" => 1,
    "CANCELLING" => 1,
    "PAUSED" => 2,
    "CANCELLED" => 4,
    "COMPLETED" => 5,
    else 3
}

macro_rules! line_statements {
    ($($count:ident, $count_before:ident, $after:ident, $before:ident, $between:ident: $condition:literal;)*) => {
        statements! {$(
            /// See [`LogLineStatements::count`].
            scoped $count: (FlowRunId, i64, i64) => (i64,) = concat!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM log l
                 WHERE l.workspace_id = $1 AND l.flow_run_id = $2 AND l.level >= $3", $condition, " LIMIT $4) AS counted");
            /// See [`LogLineStatements::count_before`].
            scoped $count_before: (FlowRunId, i64, Timestamp, LogId, i64) => (i64,) = concat!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM log l
                 WHERE l.workspace_id = $1 AND l.flow_run_id = $2 AND l.level >= $3 AND (l.timestamp, l.id) < ($4, $5)", $condition, "
                 LIMIT $6) AS counted");
            /// See [`LogLineStatements::after`].
            scoped $after: (FlowRunId, i64, Timestamp, LogId, i64) => LogLineRow = concat!(
                "SELECT l.id, l.level, l.timestamp, l.message, t.name AS task_run
                 FROM log l LEFT JOIN task_run t ON t.workspace_id = l.workspace_id AND t.id = l.task_run_id
                 WHERE l.workspace_id = $1 AND l.flow_run_id = $2 AND l.level >= $3 AND (l.timestamp, l.id) > ($4, $5)", $condition, "
                 ORDER BY l.timestamp, l.id LIMIT $6");
            /// See [`LogLineStatements::before`].
            scoped $before: (FlowRunId, i64, Timestamp, LogId, i64) => LogLineRow = concat!(
                "SELECT l.id, l.level, l.timestamp, l.message, t.name AS task_run
                 FROM log l LEFT JOIN task_run t ON t.workspace_id = l.workspace_id AND t.id = l.task_run_id
                 WHERE l.workspace_id = $1 AND l.flow_run_id = $2 AND l.level >= $3 AND (l.timestamp, l.id) < ($4, $5)", $condition, "
                 ORDER BY l.timestamp DESC, l.id DESC LIMIT $6");
            /// See [`LogLineStatements::between`].
            scoped $between: (FlowRunId, i64, Timestamp, LogId, Timestamp, LogId, i64) => LogLineRow = concat!(
                "SELECT l.id, l.level, l.timestamp, l.message, t.name AS task_run
                 FROM log l LEFT JOIN task_run t ON t.workspace_id = l.workspace_id AND t.id = l.task_run_id
                 WHERE l.workspace_id = $1 AND l.flow_run_id = $2 AND l.level >= $3
                 AND (l.timestamp, l.id) >= ($4, $5) AND (l.timestamp, l.id) <= ($6, $7)", $condition, "
                 ORDER BY l.timestamp DESC, l.id DESC LIMIT $8");
        )*}
    };
}

// The condition must equal that of the partial index `log_of_flow_run_loud`, because databases compare the two literally.
line_statements! {
    COUNT_LINES, COUNT_LINES_BEFORE, LINES_AFTER, LINES_BEFORE, LINES_BETWEEN: "";
    COUNT_WARNING_LINES, COUNT_WARNING_LINES_BEFORE, WARNING_LINES_AFTER, WARNING_LINES_BEFORE, WARNING_LINES_BETWEEN: " AND l.level >= 30";
}

/// The level of warnings. Lines of this level and above have an index of their own, because they may be few among very many others.
const WARNING: i32 = LogLevel::Warning.number();
const _: () = assert!(WARNING == 30, "the level in the texts above");

/// A statement about the lines before or after a position in a log, which is the time and id of a line.
type OneSided<R> = Statement<(FlowRunId, i64, Timestamp, LogId, i64), R, Scoped>;

/// A statement about the lines between two positions in a log.
type Between<R> = Statement<(FlowRunId, i64, Timestamp, LogId, Timestamp, LogId, i64), R, Scoped>;

/// The statements that read the log lines of a flow run at a level and above.
pub struct LogLineStatements {
    /// How many lines there are, counted up to a limit.
    pub count: Statement<(FlowRunId, i64, i64), (i64,), Scoped>,
    /// How many lines come before a position, counted up to a limit.
    pub count_before: OneSided<(i64,)>,
    /// The lines after a position, the nearest first.
    pub after: OneSided<LogLineRow>,
    /// The lines before a position, the nearest first.
    pub before: OneSided<LogLineRow>,
    /// The lines from one position to another, ends included, the newest first.
    pub between: Between<LogLineRow>,
}

/// The statements for lines of this level and above.
#[must_use]
pub fn log_line_statements(level: i64) -> LogLineStatements {
    if level < i64::from(WARNING) {
        LogLineStatements {
            count: COUNT_LINES,
            count_before: COUNT_LINES_BEFORE,
            after: LINES_AFTER,
            before: LINES_BEFORE,
            between: LINES_BETWEEN,
        }
    } else {
        LogLineStatements {
            count: COUNT_WARNING_LINES,
            count_before: COUNT_WARNING_LINES_BEFORE,
            after: WARNING_LINES_AFTER,
            before: WARNING_LINES_BEFORE,
            between: WARNING_LINES_BETWEEN,
        }
    }
}
