//! Filters and sorts of task runs.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, Operator, OptionalTimeFilter, StateFilter, TagsFilter, TimeFilter, values};
use crate::{
    id::{FlowRunId, TaskRunId},
    wire,
};

filter! {
    /// A filter of task runs.
    TaskRunFilter {
        id: IdFilter<TaskRunId>,
        name: NameFilter,
        tags: TagsFilter,
        state: StateFilter,
        start_time: OptionalTimeFilter,
        end_time: OptionalTimeFilter,
        expected_start_time: TimeFilter,
        flow_run_id: FlowRunIdFilter,
        subflow_runs: SubflowRunsFilter,
    }
}

/// By the flow run. Without conditions, the task runs of any flow run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlowRunIdFilter {
    /// Sent by clients, but there is only one condition at a time.
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<FlowRunId>>,
    /// If true, the task runs without a flow run, whatever else is sent. If null, all.
    pub is_null_: Option<bool>,
}

impl Default for FlowRunIdFilter {
    fn default() -> Self {
        Self { operator: Operator::And, any_: None, is_null_: Some(false) }
    }
}

/// By whether the task run represents a subflow run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubflowRunsFilter {
    pub exists_: Option<bool>,
}

/// The order of a list of task runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskRunSort {
    #[default]
    IdDesc,
    ExpectedStartTimeAsc,
    ExpectedStartTimeDesc,
    NameAsc,
    NameDesc,
    NextScheduledStartTimeAsc,
    EndTimeDesc,
}
