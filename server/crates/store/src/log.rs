//! Log lines.

use model::{
    id::{FlowRunId, TaskRunId},
    log::{Log, LogFilter, LogId, LogQuery, LogSort},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    column::id_columns,
    filter::{List, Selection, SortBy, filter_columns},
    record, statements,
};

id_columns!(LogId);

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

filter_columns! {
    LogFilter on "log" {
        level: "level",
        timestamp: "timestamp",
        flow_run_id: "flow_run_id",
        task_run_id: "task_run_id",
        text: "message",
    }
}

impl List for LogQuery {
    type Row = LogRow;
    const TABLE: &'static str = "log";
    const NARROWED_BY: &'static str = "logs.flow_run_id";

    fn selection(&self) -> Selection<'_> {
        Selection::new("log", self.logs.as_ref())
    }

    /// Ids ascend within a batch, so lines with the same time keep the order in which the client sent them.
    fn order(&self) -> SortBy {
        let by_run = |sort_by: SortBy| sort_by.nulls_last(Uuid::nil()).with_ties(&["timestamp", "id"]);
        match self.sort {
            LogSort::TimestampAsc => SortBy::asc("timestamp"),
            LogSort::TimestampDesc => SortBy::desc("timestamp"),
            LogSort::LevelAsc => SortBy::asc("level"),
            LogSort::LevelDesc => SortBy::desc("level"),
            LogSort::FlowRunIdAsc => by_run(SortBy::asc("flow_run_id")),
            LogSort::FlowRunIdDesc => by_run(SortBy::desc("flow_run_id")),
            LogSort::TaskRunIdAsc => by_run(SortBy::asc("task_run_id")),
            LogSort::TaskRunIdDesc => by_run(SortBy::desc("task_run_id")),
        }
    }
}

statements! {
    /// Adds log lines, except those that are stored already.
    scoped bulk INSERT_LOGS: LogRow => "log" "ON CONFLICT DO NOTHING";
}
