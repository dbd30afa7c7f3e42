//! Flow runs.

use model::{
    filter::query::FlowRunQuery,
    flow_run::{FlowRunFilter, FlowRunSort},
    state::StateType,
};

use super::{
    filter_columns,
    list::{List, SortBy},
    relation::{FLOW_OF_RUN, TASK_RUN_OF_RUN},
    selection::Selection,
};
use crate::{
    flow_run::FlowRunWithState,
    row::Joined,
    screen::{FlowNameRow, RunListRow},
};

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
    const NARROWED_BY: &'static str = "flow_runs.start_time";
    const JOINED: Option<(&'static str, &'static str)> = Some(("flow_run_state", "state_id"));

    fn selection(&self) -> Selection<'_> {
        Selection::new("flow_run", self.flow_runs.as_ref())
            .with(&FLOW_OF_RUN, Selection::new("flow", self.flows.as_ref()))
            .with(&TASK_RUN_OF_RUN, Selection::new("task_run", self.task_runs.as_ref()))
    }

    fn order(&self) -> SortBy {
        match self.sort {
            FlowRunSort::IdDesc => SortBy::desc("id"),
            FlowRunSort::StartTimeAsc => SortBy::asc("sort_time"),
            FlowRunSort::StartTimeDesc => SortBy::desc("sort_time"),
            FlowRunSort::ExpectedStartTimeAsc => SortBy::asc("expected_start_time"),
            FlowRunSort::ExpectedStartTimeDesc => SortBy::desc("expected_start_time"),
            FlowRunSort::NameAsc => SortBy::asc("name"),
            FlowRunSort::NameDesc => SortBy::desc("name"),
            FlowRunSort::NextScheduledStartTimeAsc => SortBy::asc("next_scheduled_start_time").nulls_last(i64::MIN),
            FlowRunSort::EndTimeDesc => SortBy::desc("end_time").nulls_last(i64::MIN),
        }
    }
}

/// A run on the page that lists runs, and its flow.
pub type ListedRun = Joined<RunListRow, FlowNameRow>;

/// The list of the page of runs: only the columns that it shows.
#[derive(Clone, Debug)]
pub struct ListedRuns(pub FlowRunQuery);

impl List for ListedRuns {
    type Row = ListedRun;
    const TABLE: &'static str = "flow_run";
    const NARROWED_BY: &'static str = "flow_runs.start_time";
    const JOINED: Option<(&'static str, &'static str)> = Some(("flow", "flow_id"));

    fn selection(&self) -> Selection<'_> {
        self.0.selection()
    }

    fn order(&self) -> SortBy {
        self.0.order()
    }
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
