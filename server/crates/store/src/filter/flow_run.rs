//! Flow runs.

use model::{
    filter::{
        Operator,
        flow_run::{FlowRunFilter, FlowRunSort},
        query::FlowRunQuery,
    },
    state::StateType,
};
use sea_query::{Cond, Order};

use super::{
    condition::all,
    filter_columns,
    list::{List, sent},
    relation::{FLOW_OF_RUN, TASK_RUN_OF_RUN},
};
use crate::flow_run::FlowRunWithState;

filter_columns! {
    FlowRunFilter on "flow_run" {
        id: "id",
        name: "name",
        tags: "tags",
        deployment_id: "deployment_id",
        work_queue_name: "work_queue_name",
        state: "state_type",
        flow_version: "flow_version",
        start_time: "start_time",
        end_time: "end_time",
        expected_start_time: "expected_start_time",
        next_scheduled_start_time: "next_scheduled_start_time",
        parent_flow_run_id: "parent_task_run_id",
        parent_task_run_id: "parent_task_run_id",
        idempotency_key: "idempotency_key",
        created_by: "created_by",
    }
}

impl List for FlowRunQuery {
    type Row = FlowRunWithState;
    const TABLE: &'static str = "flow_run";
    const JOINED: Option<(&'static str, &'static str)> = Some(("flow_run_state", "state_id"));

    fn condition(&self) -> Option<Cond> {
        let flows = FLOW_OF_RUN.exists([sent(self.flows.as_ref())]);
        all([sent(self.flow_runs.as_ref()), flows, TASK_RUN_OF_RUN.exists([sent(self.task_runs.as_ref())])])
    }

    fn order(&self) -> (&'static str, Order) {
        match self.sort {
            FlowRunSort::IdDesc => ("id", Order::Desc),
            FlowRunSort::StartTimeAsc => ("sort_time", Order::Asc),
            FlowRunSort::StartTimeDesc => ("sort_time", Order::Desc),
            FlowRunSort::ExpectedStartTimeAsc => ("expected_start_time", Order::Asc),
            FlowRunSort::ExpectedStartTimeDesc => ("expected_start_time", Order::Desc),
            FlowRunSort::NameAsc => ("name", Order::Asc),
            FlowRunSort::NameDesc => ("name", Order::Desc),
            FlowRunSort::NextScheduledStartTimeAsc => ("next_scheduled_start_time", Order::Asc),
            FlowRunSort::EndTimeDesc => ("end_time", Order::Desc),
        }
    }

    fn order_is_total(&self) -> bool {
        !matches!(self.sort, FlowRunSort::NextScheduledStartTimeAsc | FlowRunSort::EndTimeDesc)
    }

    fn selects_few(&self) -> bool {
        use FlowRunSort::{ExpectedStartTimeAsc, ExpectedStartTimeDesc, StartTimeAsc, StartTimeDesc};
        let by_time = matches!(self.sort, StartTimeAsc | StartTimeDesc | ExpectedStartTimeAsc | ExpectedStartTimeDesc);
        by_time && selects_few_runs(self.flow_runs.as_ref())
    }
}

/// Whether the filter lists ids of runs or of parent task runs.
fn selects_few_runs(filter: Option<&FlowRunFilter>) -> bool {
    let Some(filter) = filter.filter(|filter| filter.operator == Operator::And) else { return false };
    let by_parent = filter.parent_task_run_id.as_ref().is_some_and(|ids| ids.any_.is_some() && ids.is_null_.is_none());
    by_parent || filter.id.as_ref().is_some_and(|ids| ids.any_.is_some())
}

/// The types of states that the query selects, if it has no other condition: then the counters can answer. `None` inside means all types.
#[must_use]
pub fn flow_runs_counted_by_state(query: &FlowRunQuery) -> Option<Option<&[StateType]>> {
    if query.flows.is_some() || query.task_runs.is_some() {
        return None;
    }
    let Some(filter) = &query.flow_runs else { return Some(None) };
    if (FlowRunFilter { state: None, ..filter.clone() }) != FlowRunFilter::default() {
        return None;
    }
    match &filter.state {
        None => Some(None),
        Some(state) if state.name.is_none() => match &state.state_type {
            None => Some(None),
            Some(types) => types.not_any_.is_none().then_some(types.any_.as_deref()),
        },
        Some(_) => None,
    }
}
