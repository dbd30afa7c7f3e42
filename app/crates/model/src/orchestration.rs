//! The question a client asks before a run changes its state, and the server's answer.

use serde::{Deserialize, Serialize};

use crate::{
    state::{State, StateCreate},
    wire,
};

/// "May the run go into this state?"
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SetState {
    pub state: StateCreate,
    /// Passes by all rules but those that keep results from being lost.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub force: bool,
}

/// The answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OrchestrationResult {
    /// The state the run is in now: the new one, or the one it stays in; null for a run that has none yet.
    pub state: Option<State>,
    pub status: SetStateStatus,
    pub details: SetStateDetails,
}

/// The answer in a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SetStateStatus {
    Accept,
    Reject,
    Abort,
    Wait,
}

/// Why, and for how long.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum SetStateDetails {
    #[serde(rename = "accept_details")]
    Accept,
    #[serde(rename = "reject_details")]
    Reject { reason: Option<String> },
    #[serde(rename = "abort_details")]
    Abort { reason: Option<String> },
    #[serde(rename = "wait_details")]
    Wait { delay_seconds: i64, reason: Option<String> },
}

#[cfg(test)]
mod tests {
    use super::{OrchestrationResult, SetState, SetStateDetails, SetStateStatus};

    #[test]
    fn answers_are_written_as_clients_expect_them() {
        let wait = OrchestrationResult {
            state: None,
            status: SetStateStatus::Wait,
            details: SetStateDetails::Wait { delay_seconds: 3, reason: Some("Scheduled time is in the future".into()) },
        };
        let expected = serde_json::json!({
            "state": null, "status": "WAIT",
            "details": {"type": "wait_details", "delay_seconds": 3, "reason": "Scheduled time is in the future"},
        });
        assert_eq!(serde_json::to_value(wait).unwrap(), expected);
        assert_eq!(
            serde_json::to_value(SetStateDetails::Accept).unwrap(),
            serde_json::json!({"type": "accept_details"})
        );
    }

    #[test]
    fn force_may_be_missing_or_null() {
        for body in [r#"{"state": {"type": "RUNNING"}}"#, r#"{"state": {"type": "RUNNING"}, "force": null, "x": 1}"#] {
            assert!(!serde_json::from_str::<SetState>(body).unwrap().force, "{body}");
        }
    }
}
