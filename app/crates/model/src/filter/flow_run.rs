//! Filters and sorts of flow runs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    IdFilter, NameFilter, Operator, OptionalIdFilter, OptionalTextFilter, OptionalTimeFilter, StateFilter, TagsFilter,
    TextFilter, TimeFilter, Unsupported, flow::FlowFilter, task_run::TaskRunFilter, texts, values,
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

query! {
    /// The body of `POST /flow_runs/filter` and `/flow_runs/count`; a count ignores `sort`, `limit` and `offset`.
    FlowRunQuery, FlowRunSort {
        flows: FlowFilter,
        flow_runs: FlowRunFilter,
        task_runs: TaskRunFilter,
        deployments: Unsupported,
        work_pools: Unsupported,
        work_pool_queues: Unsupported,
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
            (r#"{"flow_runs": {"expected_start_time": {"is_null_": true}}}"#, "unknown field `is_null_`"),
            (r#"{"flow_runs": {"colour": null}}"#, "unknown field `colour`"),
        ] {
            let error = serde_json::from_str::<FlowRunQuery>(body).unwrap_err().to_string();
            assert!(error.contains(expected), "{body}: {error}");
        }
    }
}
