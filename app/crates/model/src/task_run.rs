//! Task runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    estimate,
    filter::{IdFilter, NameFilter, Operator, OptionalTimeFilter, StateFilter, TagsFilter, TimeFilter, filter, values},
    id::{FlowRunId, StateId, TaskRunId},
    label::{self, Labels},
    name::{Key, RunName},
    policy::TaskRunPolicy,
    state::{State, StateCreate, StateType},
    time::{Span, Timestamp},
    wire,
};

/// The source of an argument of a task.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "input_type", rename_all = "snake_case")]
pub enum TaskInput {
    TaskRun { id: Uuid },
    FlowRun { id: Uuid },
    Parameter { name: String },
    Constant { r#type: String },
}

/// The sources of each argument, by the argument's name.
pub type TaskInputs = BTreeMap<String, Vec<TaskInput>>;

/// A task run as it is stored and returned. The two estimates are valid only after [`TaskRun::at`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct TaskRun {
    pub id: TaskRunId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub flow_run_id: Option<FlowRunId>,
    pub task_key: String,
    pub dynamic_key: String,
    pub cache_key: Option<String>,
    pub cache_expiration: Option<Timestamp>,
    pub task_version: Option<String>,
    pub empirical_policy: TaskRunPolicy,
    pub tags: Vec<String>,
    pub labels: Labels,
    pub state_id: Option<StateId>,
    pub task_inputs: TaskInputs,
    pub state_type: Option<StateType>,
    pub state_name: Option<String>,
    pub run_count: i64,
    pub flow_run_run_count: i64,
    pub expected_start_time: Option<Timestamp>,
    pub next_scheduled_start_time: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub total_run_time: Span,
    pub estimated_run_time: Span,
    pub estimated_start_time_delta: Span,
    pub state: Option<State>,
}

impl TaskRun {
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

/// The body that creates a task run, or finds the existing one with the same keys.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskRunCreate {
    #[serde(default)]
    pub id: Option<TaskRunId>,
    /// `None` lets the server derive the name from the keys.
    #[serde(default)]
    pub name: Option<RunName>,
    /// `None` means PENDING.
    #[serde(default)]
    pub state: Option<StateCreate>,
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    pub task_key: Key,
    pub dynamic_key: Key,
    #[serde(default, deserialize_with = "wire::text")]
    pub cache_key: Option<String>,
    #[serde(default)]
    pub cache_expiration: Option<Timestamp>,
    #[serde(default, deserialize_with = "wire::text")]
    pub task_version: Option<String>,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub empirical_policy: TaskRunPolicy,
    #[serde(default, deserialize_with = "label::tags")]
    pub tags: Vec<String>,
    #[serde(default, deserialize_with = "wire::text_or_default")]
    pub labels: Labels,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub task_inputs: TaskInputs,
}

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

#[cfg(test)]
mod tests {
    use super::{TaskInput, TaskRunCreate};

    #[test]
    fn task_inputs_are_returned_as_they_were_sent() {
        let inputs = serde_json::json!({
            "x": [{"input_type": "task_run", "id": "33afef3e-f903-49d8-998a-1fd8d25f95a0"}],
            "y": [{"input_type": "parameter", "name": "n"}, {"input_type": "constant", "type": "int"}],
            "z": [],
        });
        let run: TaskRunCreate = serde_json::from_value(serde_json::json!({
            "name": "add-0", "flow_run_id": null, "task_key": "add-1", "dynamic_key": "0", "task_inputs": inputs.clone(),
        }))
        .unwrap();
        assert_eq!(run.task_inputs["y"][1], TaskInput::Constant { r#type: "int".into() });
        assert_eq!(serde_json::to_value(&run.task_inputs).unwrap(), inputs);
    }

    #[test]
    fn a_task_run_needs_both_keys() {
        let error = serde_json::from_str::<TaskRunCreate>(r#"{"task_key": "a"}"#).unwrap_err().to_string();
        assert!(error.contains("missing field `dynamic_key`"), "{error}");
    }
}
