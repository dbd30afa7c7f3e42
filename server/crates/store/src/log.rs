//! Log lines.

use model::{
    id::{FlowRunId, LogId, TaskRunId},
    log::Log,
    time::Timestamp,
};

use crate::{record, statements};

record! {
    /// A row of `log`.
    pub struct LogRow {
        pub id: LogId,
        pub flow_run_id: Option<FlowRunId>,
        pub task_run_id: Option<TaskRunId>,
        pub name: String,
        pub level: i64,
        pub message: String,
        pub timestamp: Timestamp,
        pub created: Timestamp,
    }
}

impl From<LogRow> for Log {
    fn from(row: LogRow) -> Self {
        Self {
            id: row.id,
            created: row.created,
            updated: row.created,
            name: row.name,
            level: i32::try_from(row.level).unwrap_or_default(),
            message: row.message,
            timestamp: row.timestamp,
            flow_run_id: row.flow_run_id,
            task_run_id: row.task_run_id,
        }
    }
}

statements! {
    /// Adds log lines, except those that are stored already.
    scoped bulk INSERT_LOGS: LogRow => "log" "ON CONFLICT DO NOTHING";
}
