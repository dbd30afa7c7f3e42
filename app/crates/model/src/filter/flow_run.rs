//! Filters and sorts of flow runs.

use serde::{Deserialize, Serialize};

use super::{
    IdFilter, NameFilter, Operator, OptionalIdFilter, StateFilter, TagsFilter, TimeFilter, Unsupported,
    flow::FlowFilter,
};
use crate::{
    id::{DeploymentId, FlowRunId, TaskRunId},
    page::{Page, PageError},
    wire,
};

/// A filter of flow runs.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlowRunFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    pub id: Option<IdFilter<FlowRunId>>,
    pub name: Option<NameFilter>,
    pub tags: Option<TagsFilter>,
    pub deployment_id: Option<OptionalIdFilter<DeploymentId>>,
    pub state: Option<StateFilter>,
    pub start_time: Option<TimeFilter>,
    pub end_time: Option<TimeFilter>,
    pub expected_start_time: Option<TimeFilter>,
    pub next_scheduled_start_time: Option<TimeFilter>,
    pub parent_task_run_id: Option<OptionalIdFilter<TaskRunId>>,
    pub created_by: Unsupported,
    pub flow_version: Unsupported,
    pub idempotency_key: Unsupported,
    pub parent_flow_run_id: Unsupported,
    pub work_queue_name: Unsupported,
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

/// The body of `POST /flow_runs/filter` and `/flow_runs/count`; a count ignores `sort`, `limit` and `offset`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowRunQuery {
    pub flows: Option<FlowFilter>,
    pub flow_runs: Option<FlowRunFilter>,
    pub task_runs: Unsupported,
    pub deployments: Unsupported,
    pub work_pools: Unsupported,
    pub work_pool_queues: Unsupported,
    #[serde(deserialize_with = "wire::or_default")]
    pub sort: FlowRunSort,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub limit: Option<i64>,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub offset: Option<i64>,
}

impl FlowRunQuery {
    /// The validated limit and offset.
    pub fn page(&self) -> Result<Page, PageError> {
        Page::new(self.limit, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::{FlowRunQuery, FlowRunSort};

    #[test]
    fn the_query_for_an_earlier_subflow_run_is_parsed() {
        let query: FlowRunQuery = serde_json::from_value(serde_json::json!({
            "flows": null,
            "flow_runs": {"parent_task_run_id": {"any_": ["3decfb8a-8804-4cda-9e2f-fb6813b5014b"]}, "created_by": null},
            "task_runs": null, "deployments": null, "work_pools": null, "work_pool_queues": null,
            "sort": "EXPECTED_START_TIME_DESC", "limit": 1, "offset": 0, "something_new": 1,
        }))
        .unwrap();
        assert_eq!(query.sort, FlowRunSort::ExpectedStartTimeDesc);
        assert_eq!(query.page().unwrap().limit(), 1);
        assert!(query.flow_runs.unwrap().parent_task_run_id.unwrap().any_.is_some());
    }

    #[test]
    fn unsupported_filters_and_sorts_are_rejected() {
        for (body, expected) in [
            (r#"{"sort": "DURATION_DESC"}"#, "unknown variant `DURATION_DESC`, expected one of `ID_DESC`"),
            (r#"{"work_pools": {"name": {"any_": ["p"]}}}"#, "not supported yet"),
            (r#"{"flow_runs": {"flow_version": {"any_": ["1"]}}}"#, "not supported yet"),
            (r#"{"flow_runs": {"colour": null}}"#, "unknown field `colour`"),
        ] {
            let error = serde_json::from_str::<FlowRunQuery>(body).unwrap_err().to_string();
            assert!(error.contains(expected), "{body}: {error}");
        }
    }
}
