//! Filters and sorts of task runs.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, Operator, OptionalIdFilter, StateFilter, TagsFilter, TimeFilter, Unsupported};
use crate::{
    id::{FlowRunId, TaskRunId},
    page::{Page, PageError},
    wire,
};

/// A filter of task runs.
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
    pub end_time: Unsupported,
    pub expected_start_time: Unsupported,
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

/// The body of `POST /task_runs/filter`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskRunQuery {
    pub flows: Unsupported,
    pub flow_runs: Unsupported,
    pub task_runs: Option<TaskRunFilter>,
    pub deployments: Unsupported,
    pub work_pools: Unsupported,
    pub work_pool_queues: Unsupported,
    #[serde(deserialize_with = "wire::or_default")]
    pub sort: TaskRunSort,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub limit: Option<i64>,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub offset: Option<i64>,
}

impl TaskRunQuery {
    /// The validated limit and offset.
    pub fn page(&self) -> Result<Page, PageError> {
        Page::new(self.limit, self.offset)
    }
}
