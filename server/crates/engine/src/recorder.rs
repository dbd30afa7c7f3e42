//! Reads the events with which current clients report their task runs: these clients orchestrate task runs themselves, and the server
//! records the result.
//!
//! No rules run here; counts and times are the client's. The caller, who has loaded the stored rows, uses [`RecordedTransition`] to find
//! out which run a state belongs to and whether the state is the newest.

use std::str::FromStr;

use model::{
    event::{Event, RESOURCE_ID},
    id::{FlowRunId, StateId, TaskRunId},
    label::{self, Labels},
    name::{Key, RunName},
    policy::TaskRunPolicy,
    state::{State, StateCreate},
    task_run::TaskInputs,
    time::{Span, Timestamp},
    validation::ValidationError,
    wire,
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// A state that a task run entered, and the run's columns as the client reports them.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedTransition {
    pub task_run_id: TaskRunId,
    /// None for a background task.
    pub flow_run_id: Option<FlowRunId>,
    /// The state's id is the event's id, so that a repeated event adds no second state.
    pub state: State,
    pub run: RecordedRun,
}

/// The columns of a task run as the client reports them. None: the event lacks the field, so the stored value stays (or, in a new row,
/// the column's default applies). An inner None is a null to write.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct RecordedRun {
    pub task_key: Key,
    pub dynamic_key: Key,
    #[serde(default)]
    pub name: Option<RunName>,
    #[serde(default, deserialize_with = "wire::present_text")]
    pub cache_key: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::present")]
    pub cache_expiration: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "wire::present_text")]
    pub task_version: Option<Option<String>>,
    #[serde(default)]
    pub empirical_policy: Option<TaskRunPolicy>,
    #[serde(default, deserialize_with = "label::present_tags")]
    pub tags: Option<Vec<String>>,
    /// For a new row only: an update would lose the labels that the server has merged in.
    #[serde(default, deserialize_with = "wire::text")]
    pub labels: Option<Labels>,
    #[serde(default)]
    pub task_inputs: Option<TaskInputs>,
    #[serde(default, deserialize_with = "wire::optional_integer")]
    pub run_count: Option<i64>,
    #[serde(default, deserialize_with = "wire::optional_integer")]
    pub flow_run_run_count: Option<i64>,
    #[serde(default, deserialize_with = "wire::present")]
    pub expected_start_time: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "wire::present")]
    pub next_scheduled_start_time: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "wire::present")]
    pub start_time: Option<Option<Timestamp>>,
    #[serde(default, deserialize_with = "wire::present")]
    pub end_time: Option<Option<Timestamp>>,
    #[serde(default)]
    pub total_run_time: Option<Span>,
}

impl RecordedTransition {
    /// Reads the transition from an event. None if the event is not about a task run, or comes from a client whose task runs the server
    /// orchestrates.
    pub fn from_event(event: &Event) -> Result<Option<Self>, ValidationError> {
        let is_client_orchestrated = event.resource.get("prefect.orchestration").is_some_and(|value| value == "client");
        if !event.event.starts_with("prefect.task-run") || !is_client_orchestrated {
            return Ok(None);
        }
        let task_run_id = object_id(event.resource_id(), "prefect.task-run.", "resource")?;
        let flow_run = event.related_id("flow-run");
        let flow_run_id = flow_run.map(|id| object_id(id, "prefect.flow-run.", "related")).transpose()?;

        let StateCreate { state_type, name, message, data, mut state_details, .. } = validated_state(event)?;
        state_details.task_run_id = Some(task_run_id);
        state_details.flow_run_id = flow_run_id;
        let state = State {
            id: StateId(event.id.0),
            state_type,
            name: name.unwrap_or_else(|| state_type.default_name().to_owned()),
            timestamp: event.occurred,
            message,
            data,
            state_details,
        };
        Ok(Some(Self { task_run_id, flow_run_id, state, run: payload_field(event, "task_run")? }))
    }

    /// The natural key of the task run. If a stored run has the same key under another id, the transition belongs to that run.
    #[must_use]
    pub fn natural_key(&self) -> Option<(FlowRunId, &str, &str)> {
        let flow_run_id = self.flow_run_id?;
        Some((flow_run_id, self.run.task_key.as_str(), self.run.dynamic_key.as_str()))
    }

    /// The same transition for the stored run that has the natural key.
    #[must_use]
    pub fn for_task_run(mut self, stored: TaskRunId) -> Self {
        self.task_run_id = stored;
        self.state.state_details.task_run_id = Some(stored);
        self
    }

    /// Whether the run enters this state, given the timestamp of its stored state. An older state that arrives late is only added to the
    /// history.
    #[must_use]
    pub fn is_newer_than(&self, stored_state_timestamp: Option<Timestamp>) -> bool {
        stored_state_timestamp.is_none_or(|stored| stored < self.state.timestamp)
    }
}

/// The id within a resource id such as `prefect.flow-run.33afef3e-f903-49d8-998a-1fd8d25f95a0`.
fn object_id<T: FromStr>(resource_id: &str, prefix: &str, loc: &str) -> Result<T, ValidationError> {
    let id = resource_id.strip_prefix(prefix).and_then(|id| id.parse().ok());
    id.ok_or_else(|| ValidationError {
        loc: vec![loc.to_owned(), RESOURCE_ID.to_owned()],
        kind: "value_error".to_owned(),
        message: format!("expected {prefix} and a UUID"),
    })
}

/// The state that the run entered. Fields that only newer clients send are ignored.
fn validated_state(event: &Event) -> Result<StateCreate, ValidationError> {
    let mut fields: serde_json::Map<_, _> = payload_field(event, "validated_state")?;
    fields.retain(|key, _| StateCreate::KEYS.contains(&key.as_str()));
    deserialize(Value::Object(fields), "payload.validated_state")
}

/// Reads one field of the payload.
fn payload_field<T: DeserializeOwned>(event: &Event, key: &str) -> Result<T, ValidationError> {
    let loc = format!("payload.{key}");
    let value = event.payload.get(key).ok_or_else(|| ValidationError::value(&loc, "the event lacks it"))?;
    deserialize(value, &loc)
}

fn deserialize<'v, T: DeserializeOwned>(
    value: impl Deserializer<'v, Error = serde_json::Error>,
    loc: &str,
) -> Result<T, ValidationError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let loc = if path == "." { loc.to_owned() } else { format!("{loc}.{path}") };
        ValidationError::value(&loc, error.inner().to_string())
    })
}

#[cfg(test)]
mod tests {
    use model::{
        event::Event,
        id::TaskRunId,
        state::{StateDetails, StateType},
        time::{Span, Timestamp},
    };
    use serde_json::{Value, json};

    use super::RecordedTransition;
    use crate::fixture::id;

    const TASK_RUN: &str = "01a20b9f-f278-7591-8054-e0df072169ce";
    const FLOW_RUN: &str = "e65b2643-ff43-433f-9398-b41b1e0c6a6d";
    const EVENT: &str = "01a20b9f-f30c-79ea-9303-eea0fca95c3c";

    fn event_json() -> Value {
        json!({
            "occurred": "2026-11-24T03:36:01.548329Z", "event": "prefect.task-run.Running", "id": EVENT, "follows": null,
            "resource": {
                "prefect.resource.id": format!("prefect.task-run.{TASK_RUN}"), "prefect.orchestration": "client",
            },
            "related": [
                {"prefect.resource.id": "prefect.tag.t1", "prefect.resource.role": "tag"},
                {"prefect.resource.id": format!("prefect.flow-run.{FLOW_RUN}"), "prefect.resource.role": "flow-run"},
            ],
            "payload": {
                "intended": {"from": "PENDING", "to": "RUNNING"}, "initial_state": null,
                "validated_state": {
                    "type": "RUNNING", "name": "Retrying", "message": "", "state_details": {"retriable": true}, "data": null,
                },
                "task_run": {
                    "name": "add-b9e", "task_key": "add-b44bee3c", "dynamic_key": "b9e00359",
                    "empirical_policy": {"retries": 2, "retry_delay": 0}, "tags": ["t1"], "labels": {},
                    "task_inputs": {"x": []}, "run_count": 1, "flow_run_run_count": 1,
                    "start_time": "2026-11-24T03:36:01.548329Z", "total_run_time": 1.5,
                },
            },
        })
    }

    fn read(event: Value) -> Result<Option<RecordedTransition>, String> {
        let event: Event = serde_json::from_value(event).unwrap();
        RecordedTransition::from_event(&event).map_err(|invalid| invalid.to_string())
    }

    fn recorded(event: Value) -> RecordedTransition {
        read(event).unwrap().unwrap()
    }

    fn event_with(pointer: &str, value: Value) -> Value {
        let mut event = event_json();
        let (object, key) = pointer.rsplit_once('/').unwrap();
        event.pointer_mut(object).unwrap()[key] = value;
        event
    }

    #[test]
    fn the_event_is_read_as_a_state() {
        let transition = recorded(event_json());
        assert_eq!(transition.task_run_id, TASK_RUN.parse().unwrap());
        assert_eq!(transition.flow_run_id, Some(FLOW_RUN.parse().unwrap()));
        let state = transition.state;
        assert_eq!(state.id.to_string(), EVENT);
        assert_eq!(state.timestamp.to_string(), "2026-11-24T03:36:01.548329Z");
        assert_eq!((state.state_type, state.name.as_str()), (StateType::Running, "Retrying"));
        assert_eq!((state.message.as_deref(), &state.data), (Some(""), &None));
        let expected = StateDetails {
            task_run_id: Some(transition.task_run_id),
            flow_run_id: transition.flow_run_id,
            retriable: Some(true),
            ..StateDetails::default()
        };
        assert_eq!(state.state_details, expected);
    }

    #[test]
    fn unknown_state_fields_of_newer_clients_are_ignored() {
        assert_eq!(recorded(event_with("/payload/validated_state/newer", json!(1))), recorded(event_json()));
    }

    #[test]
    fn fields_that_the_event_lacks_are_not_written() {
        let run = recorded(event_json()).run;
        assert_eq!((run.task_key.as_str(), run.dynamic_key.as_str()), ("add-b44bee3c", "b9e00359"));
        assert_eq!((run.run_count, run.flow_run_run_count), (Some(1), Some(1)));
        assert_eq!(run.total_run_time, Some(Span::from_seconds(1.5)));
        assert_eq!(run.empirical_policy.unwrap().retries, Some(2));
        assert_eq!(run.tags, Some(vec!["t1".to_owned()]));
        assert!(run.start_time.flatten().is_some());
        assert_eq!((run.end_time, run.expected_start_time, run.cache_key), (None, None, None));

        let null = recorded(event_with("/payload/task_run/start_time", Value::Null)).run;
        assert_eq!(null.start_time, Some(None), "a null is written");
    }

    #[test]
    fn events_without_a_client_orchestrated_task_are_ignored() {
        for (pointer, value) in [
            ("/event", json!("prefect.flow-run.Running")),
            ("/resource/prefect.orchestration", json!("server")),
            ("/resource", json!({"prefect.resource.id": format!("prefect.task-run.{TASK_RUN}")})),
        ] {
            assert_eq!(read(event_with(pointer, value)), Ok(None), "{pointer}");
        }
    }

    #[test]
    fn a_background_task_has_no_flow_run() {
        let transition = recorded(event_with("/related", json!([])));
        assert_eq!((transition.flow_run_id, transition.natural_key()), (None, None));
    }

    #[test]
    fn the_error_names_the_malformed_field() {
        let cases = [
            ("/resource/prefect.resource.id", json!("prefect.task-run.1"), "resource.prefect.resource.id"),
            ("/related/1/prefect.resource.id", json!("prefect.flow.1"), "related.prefect.resource.id"),
            ("/payload", json!({}), "payload.validated_state"),
            ("/payload/validated_state", json!(7), "payload.validated_state"),
            ("/payload/validated_state/type", json!("RESTING"), "payload.validated_state.type"),
            (
                "/payload/validated_state/state_details",
                json!({"retriable": 1}),
                "payload.validated_state.state_details.retriable",
            ),
            ("/payload/task_run", json!({"task_key": "a"}), "payload.task_run"),
            ("/payload/task_run/run_count", json!("one"), "payload.task_run.run_count"),
            ("/payload/task_run/start_time", json!("yesterday"), "payload.task_run.start_time"),
            ("/payload/task_run/labels", json!([]), "payload.task_run.labels"),
        ];
        for (pointer, value, loc) in cases {
            let error = read(event_with(pointer, value)).unwrap_err();
            assert!(error.starts_with(&format!("{loc}: ")), "{pointer}: {error}");
        }
    }

    #[test]
    fn a_transition_can_be_moved_to_the_stored_run_of_its_key() {
        let transition = recorded(event_json());
        let flow_run = FLOW_RUN.parse().unwrap();
        assert_eq!(transition.natural_key(), Some((flow_run, "add-b44bee3c", "b9e00359")));
        let stored = TaskRunId(id(5));
        let moved = transition.for_task_run(stored);
        assert_eq!((moved.task_run_id, moved.state.state_details.task_run_id), (stored, Some(stored)));
    }

    #[test]
    fn a_late_event_does_not_replace_a_newer_state() {
        let transition = recorded(event_json());
        let occurred = transition.state.timestamp;
        let stored: [(Option<Timestamp>, bool); 4] = [
            (None, true),
            (Some(occurred.plus_micros(-1)), true),
            (Some(occurred), false),
            (Some(occurred.plus_micros(1)), false),
        ];
        for (stored, newer) in stored {
            assert_eq!(transition.is_newer_than(stored), newer, "{stored:?}");
        }
    }
}
