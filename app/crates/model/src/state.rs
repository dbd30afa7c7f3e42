//! States of runs: what clients propose ([`StateCreate`]) and what is stored and returned ([`State`]).

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IgnoredAny},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    id::{FlowRunId, LeaseId, StateId, TaskRunId},
    time::Timestamp,
    wire,
};

/// The nine types of state. The name of a state is free text; its type is one of these.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StateType {
    Scheduled,
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
    Crashed,
    Paused,
    Cancelling,
}

impl StateType {
    /// All types, in the order in which pages list them.
    pub const ALL: [Self; 9] = [
        Self::Scheduled,
        Self::Pending,
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Crashed,
        Self::Paused,
        Self::Cancelling,
    ];

    /// The text in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Crashed => "CRASHED",
            Self::Paused => "PAUSED",
            Self::Cancelling => "CANCELLING",
        }
    }

    /// The name of a state of this type that was sent without one.
    #[must_use]
    pub fn default_name(self) -> &'static str {
        match self {
            Self::Scheduled => "Scheduled",
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
            Self::Crashed => "Crashed",
            Self::Paused => "Paused",
            Self::Cancelling => "Cancelling",
        }
    }

    /// The inverse of [`StateType::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state_type| state_type.as_str() == text)
    }

    /// Whether a run in a state of this type has ended.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled | Self::Crashed)
    }
}

/// The details of a state besides its type, name and message. Responses contain every field, also if it is null.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct StateDetails {
    pub flow_run_id: Option<FlowRunId>,
    pub task_run_id: Option<TaskRunId>,
    pub child_flow_run_id: Option<FlowRunId>,
    pub scheduled_time: Option<Timestamp>,
    pub cache_key: Option<String>,
    pub cache_expiration: Option<Timestamp>,
    pub deferred: Option<bool>,
    #[serde(deserialize_with = "wire::or_default")]
    pub untrackable_result: bool,
    pub pause_timeout: Option<Timestamp>,
    #[serde(deserialize_with = "wire::or_default")]
    pub pause_reschedule: bool,
    pub pause_key: Option<String>,
    pub run_input_keyset: Option<Value>,
    pub refresh_cache: Option<bool>,
    pub retriable: Option<bool>,
    pub transition_id: Option<Uuid>,
    pub task_parameters_id: Option<Uuid>,
    pub traceparent: Option<String>,
    pub deployment_concurrency_lease_id: Option<LeaseId>,
}

impl Default for StateDetails {
    fn default() -> Self {
        Self {
            flow_run_id: None,
            task_run_id: None,
            child_flow_run_id: None,
            scheduled_time: None,
            cache_key: None,
            cache_expiration: None,
            // A missing key means "not deferred"; only an explicit null is stored and returned as null.
            deferred: Some(false),
            untrackable_result: false,
            pause_timeout: None,
            pause_reschedule: false,
            pause_key: None,
            run_input_keyset: None,
            refresh_cache: None,
            retriable: None,
            transition_id: None,
            task_parameters_id: None,
            traceparent: None,
            deployment_concurrency_lease_id: None,
        }
    }
}

/// A state as clients propose it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateCreate {
    #[serde(rename = "type")]
    pub state_type: StateType,
    /// `None` means the name of the type.
    #[serde(default, deserialize_with = "name")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "wire::stripped")]
    pub message: Option<String>,
    #[serde(default)]
    pub data: Option<Value>,
    #[serde(default, deserialize_with = "wire::or_default")]
    pub state_details: StateDetails,
    /// Accepted and ignored: the server generates its own.
    #[serde(default, skip_serializing)]
    pub id: IgnoredAny,
    /// Accepted and ignored: the server generates its own.
    #[serde(default, skip_serializing)]
    pub timestamp: IgnoredAny,
}

impl StateCreate {
    /// The keys that are read.
    pub const KEYS: [&str; 5] = ["type", "name", "message", "data", "state_details"];
}

/// The most bytes of a state's name: runs are filtered by it.
const MAX_NAME_BYTES: usize = 1024;

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name: Option<String> = wire::stripped(deserializer)?;
    if name.as_ref().is_some_and(|name| name.len() > MAX_NAME_BYTES) {
        return Err(de::Error::custom(format_args!("the name of a state has at most {MAX_NAME_BYTES} bytes")));
    }
    Ok(name)
}

/// A state as it is stored and returned.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct State {
    pub id: StateId,
    #[serde(rename = "type")]
    pub state_type: StateType,
    pub name: String,
    pub timestamp: Timestamp,
    pub message: Option<String>,
    /// The client's result record, stored and returned unchanged. The server never reads the result that it points to.
    pub data: Option<Value>,
    pub state_details: StateDetails,
}

impl State {
    /// Whether the run has ended.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.state_type.is_terminal()
    }
}

/// Whether a state's data refers to a stored result, which must not get lost: an object whose type is not `unpersisted`.
#[must_use]
pub fn is_persisted(data: Option<&Value>) -> bool {
    data.and_then(Value::as_object).is_some_and(|data| data.get("type").and_then(Value::as_str) != Some("unpersisted"))
}

#[cfg(test)]
mod tests {
    use super::{StateCreate, StateDetails, StateType};

    fn create(body: &str) -> StateCreate {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn a_state_needs_only_its_type() {
        let state = create(r#"{"type": "RUNNING"}"#);
        assert_eq!(state.state_type, StateType::Running);
        assert_eq!((state.name, state.message, state.data), (None, None, None));
        assert_eq!(state.state_details, StateDetails::default());
    }

    #[test]
    fn a_name_over_1024_bytes_is_rejected() {
        let named = |name: &str| serde_json::json!({"type": "RUNNING", "name": name});
        assert!(serde_json::from_value::<StateCreate>(named(&"🚀".repeat(256))).is_ok());
        let error = serde_json::from_value::<StateCreate>(named(&"🚀".repeat(257))).unwrap_err().to_string();
        assert!(error.contains("at most 1024 bytes"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_rejected_by_name() {
        let error =
            serde_json::from_str::<StateCreate>(r#"{"type": "RUNNING", "mesage": "x"}"#).unwrap_err().to_string();
        assert!(error.contains("mesage"), "{error}");
    }

    #[test]
    fn null_means_the_default() {
        let nulls = r#"{"type": "RUNNING", "name": null, "message": null, "data": null, "state_details":
            {"untrackable_result": null, "pause_reschedule": null, "scheduled_time": null}, "id": null, "timestamp": null}"#;
        assert_eq!(create(nulls), create(r#"{"type": "RUNNING", "state_details": null}"#));
    }

    #[test]
    fn deferred_is_null_only_if_null_was_sent() {
        assert_eq!(create(r#"{"type": "PENDING", "state_details": {}}"#).state_details.deferred, Some(false));
        assert_eq!(create(r#"{"type": "PENDING", "state_details": {"deferred": null}}"#).state_details.deferred, None);
    }
}
