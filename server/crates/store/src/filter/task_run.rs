//! Task runs.

use model::filter::{
    query::TaskRunQuery,
    task_run::{TaskRunFilter, TaskRunSort},
};
use sea_query::{Cond, Order};

use super::{
    condition::all,
    filter_columns,
    list::{List, sent},
    relation::{FLOW_OF_RUN, RUN_OF_TASK_RUN},
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
    const JOINED: Option<(&'static str, &'static str)> = Some(("task_run_state", "state_id"));

    fn condition(&self) -> Option<Cond> {
        let flows = FLOW_OF_RUN.exists([sent(self.flows.as_ref())]);
        all([sent(self.task_runs.as_ref()), RUN_OF_TASK_RUN.exists([sent(self.flow_runs.as_ref()), flows])])
    }

    fn order(&self) -> (&'static str, Order) {
        match self.sort {
            TaskRunSort::IdDesc => ("id", Order::Desc),
            TaskRunSort::ExpectedStartTimeAsc => ("expected_start_time", Order::Asc),
            TaskRunSort::ExpectedStartTimeDesc => ("expected_start_time", Order::Desc),
            TaskRunSort::NameAsc => ("name", Order::Asc),
            TaskRunSort::NameDesc => ("name", Order::Desc),
            TaskRunSort::NextScheduledStartTimeAsc => ("next_scheduled_start_time", Order::Asc),
            TaskRunSort::EndTimeDesc => ("end_time", Order::Desc),
        }
    }

    fn order_is_total(&self) -> bool {
        matches!(self.sort, TaskRunSort::IdDesc | TaskRunSort::NameAsc | TaskRunSort::NameDesc)
    }
}
