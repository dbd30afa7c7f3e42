//! The log lines on the page of their flow run.

use model::{
    id::{FlowRunId, TaskRunId},
    log::{LogId, LogLevel},
    time::Timestamp,
};

use crate::{
    record,
    statement::{Scoped, Statement},
    statements,
};

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

statements! {
    /// Of the last so many lines of a task run up to a time, the last of this level and above that is of the flow run.
    scoped LAST_ERROR_OF_TASK_RUN: (TaskRunId, Timestamp, i64, FlowRunId, i64) => (LogId, Timestamp) =
        "SELECT id, timestamp FROM (
             SELECT id, timestamp, level, flow_run_id FROM log
             WHERE workspace_id = $1 AND task_run_id = $2 AND timestamp <= $3 ORDER BY timestamp DESC, id DESC LIMIT $4) AS lines
         WHERE flow_run_id = $5 AND level >= $6 ORDER BY timestamp DESC, id DESC LIMIT 1";
    /// Of the first so many lines of a task run, the first of this level and above that is of the flow run.
    scoped FIRST_ERROR_OF_TASK_RUN: (TaskRunId, i64, FlowRunId, i64) => (LogId, Timestamp) =
        "SELECT id, timestamp FROM (
             SELECT id, timestamp, level, flow_run_id FROM log
             WHERE workspace_id = $1 AND task_run_id = $2 ORDER BY timestamp, id LIMIT $3) AS lines
         WHERE flow_run_id = $4 AND level >= $5 ORDER BY timestamp, id LIMIT 1";
    /// Of the last so many warnings and errors of a flow run up to a time, the last of this level and above that no task run has written.
    scoped LAST_OWN_ERROR: (FlowRunId, Timestamp, i64, i64) => (LogId, Timestamp) =
        "SELECT id, timestamp FROM (
             SELECT id, timestamp, level, task_run_id FROM log
             WHERE workspace_id = $1 AND flow_run_id = $2 AND level >= 30 AND timestamp <= $3
             ORDER BY timestamp DESC, id DESC LIMIT $4) AS lines
         WHERE task_run_id IS NULL AND level >= $5 ORDER BY timestamp DESC, id DESC LIMIT 1";
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
