//! The bodies of requests that list or count objects by filters of them and of related objects. Those of objects without related ones are
//! beside their filters.

use super::Unsupported;
use crate::{
    artifact::{ArtifactCollectionFilter, ArtifactFilter, ArtifactSort},
    flow::{FlowFilter, FlowSort},
    flow_run::{FlowRunFilter, FlowRunSort},
    task_run::{TaskRunFilter, TaskRunSort},
};

list_query! {
    /// The body of `POST /artifacts/filter` and `/artifacts/count`; a count ignores `sort`, `limit` and `offset`.
    ArtifactQuery, ArtifactSort {
        artifacts: ArtifactFilter,
        flow_runs: FlowRunFilter,
        task_runs: TaskRunFilter,
        flows: FlowFilter,
        deployments: Unsupported,
    }
}

list_query! {
    /// The body of `POST /artifacts/latest/filter` and `/artifacts/latest/count`; a count ignores `sort`, `limit` and `offset`.
    ArtifactCollectionQuery, ArtifactSort {
        artifacts: ArtifactCollectionFilter,
        flow_runs: FlowRunFilter,
        task_runs: TaskRunFilter,
        flows: FlowFilter,
        deployments: Unsupported,
    }
}

list_query! {
    /// The body of `POST /flows/filter` and `/flows/count`; a count ignores `sort`, `limit` and `offset`.
    FlowQuery, FlowSort {
        flows: FlowFilter,
        flow_runs: FlowRunFilter,
        task_runs: TaskRunFilter,
        deployments: Unsupported,
        work_pools: Unsupported,
        work_pool_queues: Unsupported,
    }
}

list_query! {
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

list_query! {
    /// The body of `POST /task_runs/filter` and `/task_runs/count`; a count ignores `sort`, `limit` and `offset`.
    TaskRunQuery, TaskRunSort {
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
    use crate::page::Paged as _;

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
