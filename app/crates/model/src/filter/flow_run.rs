//! Filters and sorts of flow runs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    IdFilter, NameFilter, Operator, OptionalIdFilter, OptionalTextFilter, OptionalTimeFilter, StateFilter, TagsFilter,
    TextFilter, TimeFilter, texts, values,
};
use crate::{
    id::{DeploymentId, FlowRunId, TaskRunId},
    wire,
};

filter! {
    /// A filter of flow runs.
    FlowRunFilter {
        id: IdFilter<FlowRunId>,
        name: NameFilter,
        tags: TagsFilter,
        deployment_id: OptionalIdFilter<DeploymentId>,
        work_queue_name: OptionalTextFilter,
        state: StateFilter,
        flow_version: TextFilter,
        start_time: OptionalTimeFilter,
        end_time: OptionalTimeFilter,
        expected_start_time: TimeFilter,
        next_scheduled_start_time: TimeFilter,
        parent_flow_run_id: ParentFlowRunFilter,
        parent_task_run_id: OptionalIdFilter<TaskRunId>,
        idempotency_key: TextFilter,
        created_by: CreatedByFilter,
    }
}

/// By the flow run that started the run as its subflow.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ParentFlowRunFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    #[serde(deserialize_with = "values")]
    pub any_: Option<Vec<FlowRunId>>,
}

/// By what created the run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CreatedByFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    #[serde(deserialize_with = "values")]
    pub id_: Option<Vec<Uuid>>,
    #[serde(deserialize_with = "texts")]
    pub type_: Option<Vec<String>>,
    pub is_null_: Option<bool>,
}

/// The order of a list of flow runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowRunSort {
    #[default]
    IdDesc,
    /// A run that has not started is sorted by its expected start time.
    StartTimeAsc,
    StartTimeDesc,
    ExpectedStartTimeAsc,
    ExpectedStartTimeDesc,
    NameAsc,
    NameDesc,
    NextScheduledStartTimeAsc,
    EndTimeDesc,
}
