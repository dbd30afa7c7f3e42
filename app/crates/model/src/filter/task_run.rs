//! Which task runs.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, NotBuilt, Operator, OptionalIdFilter, StateFilter, TagsFilter, TimeFilter};
use crate::{
    id::{FlowRunId, TaskRunId},
    page::{Page, PageError},
    wire,
};

/// By what task runs are.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskRunFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    pub id: Option<IdFilter<TaskRunId>>,
    pub name: Option<NameFilter>,
    pub tags: Option<TagsFilter>,
    pub state: Option<StateFilter>,
    pub start_time: Option<TimeFilter>,
    pub flow_run_id: Option<OptionalIdFilter<FlowRunId>>,
    pub subflow_runs: Option<SubflowRunsFilter>,
    pub end_time: NotBuilt,
    pub expected_start_time: NotBuilt,
}

/// By whether the task run stands for a subflow.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubflowRunsFilter {
    pub exists_: Option<bool>,
}

/// In which order.
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

/// The whole question.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskRunQuery {
    pub flows: NotBuilt,
    pub flow_runs: NotBuilt,
    pub task_runs: Option<TaskRunFilter>,
    pub deployments: NotBuilt,
    pub work_pools: NotBuilt,
    pub work_pool_queues: NotBuilt,
    #[serde(deserialize_with = "wire::or_default")]
    pub sort: TaskRunSort,
    #[serde(deserialize_with = "wire::optional_whole")]
    pub limit: Option<i64>,
    #[serde(deserialize_with = "wire::optional_whole")]
    pub offset: Option<i64>,
}

impl TaskRunQuery {
    /// Which part of the list.
    pub fn page(&self) -> Result<Page, PageError> {
        Page::new(self.limit, self.offset)
    }
}
