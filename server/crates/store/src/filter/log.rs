//! Log lines.

use model::log::{LogFilter, LogQuery, LogSort};
use uuid::Uuid;

use super::{
    filter_columns,
    list::{List, SortBy},
    selection::Selection,
};
use crate::log::LogRow;

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
