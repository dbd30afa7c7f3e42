//! Flow runs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    estimate,
    filter::{
        IdFilter, NameFilter, Operator, OptionalIdFilter, OptionalTextFilter, OptionalTimeFilter, StateFilter,
        TagsFilter, TextFilter, TimeFilter, filter, texts, values,
    },
    id::{BlockDocumentId, DeploymentId, FlowId, FlowRunId, StateId, TaskRunId, WorkPoolId, WorkQueueId},
    label::{self, Labels},
    name::{Key, RunName},
    parameters::Parameters,
    policy::FlowRunPolicy,
    state::{State, StateCreate, StateType},
    time::{Span, Timestamp},
    wire::{self, Object},
};

/// Who or what created a run, if it was not a client's script.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CreatedBy {
    pub id: Option<Uuid>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub display_value: Option<String>,
}

/// A flow run as it is stored and returned. The two estimates are valid only after [`FlowRun::at`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct FlowRun {
    pub id: FlowRunId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub flow_id: FlowId,
    pub state_id: Option<StateId>,
    pub deployment_id: Option<DeploymentId>,
    pub deployment_version: Option<String>,
    pub work_queue_id: Option<WorkQueueId>,
    pub work_queue_name: Option<String>,
    pub flow_version: Option<String>,
    pub parameters: Parameters,
    pub idempotency_key: Option<String>,
    pub context: Object,
    pub empirical_policy: FlowRunPolicy,
    pub tags: Vec<String>,
    pub labels: Labels,
    pub parent_task_run_id: Option<TaskRunId>,
    pub state_type: Option<StateType>,
    pub state_name: Option<String>,
    pub run_count: i64,
    pub expected_start_time: Option<Timestamp>,
    pub next_scheduled_start_time: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub total_run_time: Span,
    pub estimated_run_time: Span,
    pub estimated_start_time_delta: Span,
    pub auto_scheduled: bool,
    pub infrastructure_document_id: Option<BlockDocumentId>,
    pub infrastructure_pid: Option<String>,
    pub created_by: Option<CreatedBy>,
    pub work_pool_id: Option<WorkPoolId>,
    pub work_pool_name: Option<String>,
    pub job_variables: Option<Object>,
    pub state: Option<State>,
}

impl FlowRun {
    /// Computes the two estimates for `now`.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        let state = self.state.as_ref().map(|state| (state.state_type, state.timestamp));
        self.estimated_run_time = estimate::run_time(self.total_run_time, state, now);
        self.estimated_start_time_delta =
            estimate::start_time_delta(self.start_time, self.expected_start_time, self.state_type, now);
        self
    }
}

/// The body that creates a flow run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowRunCreate {
    /// `None` lets the server generate a name.
    #[serde(default)]
    pub name: Option<RunName>,
    pub flow_id: FlowId,
    /// `None` means PENDING.
    #[serde(default)]
    pub state: Option<StateCreate>,
    #[serde(default)]
    pub deployment_id: Option<DeploymentId>,
    #[serde(default, deserialize_with = "wire::text")]
    pub flow_version: Option<String>,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub parameters: Parameters,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub context: Object,
    #[serde(default)]
    pub parent_task_run_id: Option<TaskRunId>,
    #[serde(default)]
    pub infrastructure_document_id: Option<BlockDocumentId>,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub empirical_policy: FlowRunPolicy,
    #[serde(default, deserialize_with = "label::tags")]
    pub tags: Vec<String>,
    #[serde(default, deserialize_with = "wire::text_or_default")]
    pub labels: Labels,
    #[serde(default)]
    pub idempotency_key: Option<Key>,
    #[serde(default, deserialize_with = "wire::text")]
    pub work_pool_name: Option<String>,
    #[serde(default, deserialize_with = "wire::text")]
    pub work_queue_name: Option<String>,
    #[serde(default)]
    pub job_variables: Option<Object>,
    /// Not in the body: the server says who creates the run.
    #[serde(skip)]
    pub created_by: Option<CreatedBy>,
}

/// The body that updates a flow run; a missing key leaves its field unchanged.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlowRunUpdate {
    /// A run always has a name, so null leaves it unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<RunName>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_text")]
    pub flow_version: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_or_default")]
    pub parameters: Option<Parameters>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_or_default")]
    pub empirical_policy: Option<FlowRunPolicy>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "label::present_tags")]
    pub tags: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present_text")]
    pub infrastructure_pid: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "wire::present")]
    pub job_variables: Option<Option<Object>>,
}

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

#[cfg(test)]
mod tests {
    use super::{FlowRunCreate, FlowRunUpdate};
    use crate::state::StateType;

    const FLOW: &str = "ffc8be5d-17d2-4dfc-8b0b-223935274593";

    #[test]
    fn partial_objects_of_the_newest_client_are_parsed() {
        let run: FlowRunCreate = serde_json::from_value(serde_json::json!({
            "state": {"type": "PENDING", "name": "Pending", "message": null, "state_details": {"traceparent": null}, "data": null},
            "name": null, "flow_id": FLOW, "flow_version": "68e8", "parameters": {}, "context": {},
            "parent_task_run_id": null, "empirical_policy": {"retries": 0, "retry_delay": 0}, "tags": []
        }))
        .unwrap();
        assert_eq!(run.state.unwrap().state_type, StateType::Pending);
        assert_eq!((run.name, run.empirical_policy.retries), (None, Some(0)));
        assert_eq!(run.empirical_policy.pause_keys, Some(Vec::new()));
    }

    #[test]
    fn a_run_of_the_oldest_client_is_parsed() {
        let run: FlowRunCreate = serde_json::from_value(serde_json::json!({
            "name": "audacious-mongoose", "flow_id": FLOW.to_uppercase().replace('-', ""), "deployment_id": null,
            "flow_version": "8737", "parameters": {"n": 3}, "idempotency_key": null, "context": {},
            "empirical_policy": {"max_retries": 0, "retry_delay_seconds": 0.0}, "tags": [], "parent_task_run_id": null,
            "infrastructure_document_id": null,
            "state": {"type": "PENDING", "name": "Pending", "message": null, "data": null,
                      "state_details": {"flow_run_id": null, "task_run_id": null, "child_flow_run_id": null,
                                        "scheduled_time": null, "cache_key": null, "cache_expiration": null}}
        }))
        .unwrap();
        assert_eq!(run.flow_id.to_string(), FLOW);
        assert_eq!(run.name.unwrap().as_str(), "audacious-mongoose");
    }

    #[test]
    fn an_update_holds_only_the_keys_that_were_sent() {
        let update: FlowRunUpdate = serde_json::from_str(r#"{"infrastructure_pid": null, "tags": ["a"]}"#).unwrap();
        let expected =
            FlowRunUpdate { infrastructure_pid: Some(None), tags: Some(vec!["a".into()]), ..FlowRunUpdate::default() };
        assert_eq!(update, expected);
        let error = serde_json::from_str::<FlowRunUpdate>(r#"{"run_count": 7}"#).unwrap_err().to_string();
        assert!(error.contains("unknown field `run_count`"), "{error}");
    }
}
