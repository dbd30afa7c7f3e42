//! Filters and sorts of task runs.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, OptionalIdFilter, OptionalTimeFilter, StateFilter, TagsFilter, TimeFilter};
use crate::id::{FlowRunId, TaskRunId};

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
        flow_run_id: OptionalIdFilter<FlowRunId>,
        subflow_runs: SubflowRunsFilter,
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
