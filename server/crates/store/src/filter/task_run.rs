//! Task runs.

use model::{
    filter::query::TaskRunQuery,
    task_run::{TaskRunFilter, TaskRunSort},
};

use super::{
    filter_columns,
    list::{List, SortBy},
    relation::{FLOW_OF_RUN, RUN_OF_TASK_RUN},
    selection::Selection,
};
use crate::task_run::TaskRunWithState;

filter_columns! {
    TaskRunFilter on "task_run" {
        id: "id",
        name: "name",
        tags: "tags",
        state: "state_type",
        start_time: "start_time",
        end_time: "end_time",
        expected_start_time: "expected_start_time",
        flow_run_id: "flow_run_id",
        subflow_runs: "id",
    }
}

impl List for TaskRunQuery {
    type Row = TaskRunWithState;
    const TABLE: &'static str = "task_run";
    const NARROWED_BY: &'static str = "task_runs.flow_run_id";
    const JOINED: Option<(&'static str, &'static str)> = Some(("task_run_state", "state_id"));

    fn selection(&self) -> Selection<'_> {
        let flows = Selection::new("flow", self.flows.as_ref());
        let runs = Selection::new("flow_run", self.flow_runs.as_ref()).with(&FLOW_OF_RUN, flows);
        Selection::new("task_run", self.task_runs.as_ref()).with(&RUN_OF_TASK_RUN, runs)
    }

    fn order(&self) -> SortBy {
        match self.sort {
            TaskRunSort::IdDesc => SortBy::desc("id"),
            TaskRunSort::ExpectedStartTimeAsc => SortBy::asc("expected_start_time").nulls_last(i64::MIN),
            TaskRunSort::ExpectedStartTimeDesc => SortBy::desc("expected_start_time").nulls_last(i64::MIN),
            TaskRunSort::NameAsc => SortBy::asc("name"),
            TaskRunSort::NameDesc => SortBy::desc("name"),
            TaskRunSort::NextScheduledStartTimeAsc => SortBy::asc("next_scheduled_start_time").nulls_last(i64::MIN),
            TaskRunSort::EndTimeDesc => SortBy::desc("end_time").nulls_last(i64::MIN),
        }
    }
}
