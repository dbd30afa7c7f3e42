//! The request by which a client proposes a state for a run, and the server's response.

use serde::{Deserialize, Serialize};

use crate::{
    state::{State, StateCreate},
    wire,
};

/// The body of `set_state`: proposes a state for the run.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SetState {
    pub state: StateCreate,
    /// Skips all rules except those that protect stored results.
    #[serde(default, deserialize_with = "wire::or_default")]
    pub force: bool,
}

/// The response to [`SetState`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OrchestrationResult {
    /// The run's state after the request: the new one, or the one it keeps; null if the run has none.
    pub state: Option<State>,
    pub status: SetStateStatus,
    pub details: SetStateDetails,
}

/// The decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SetStateStatus {
    Accept,
    Reject,
    Abort,
    Wait,
}

/// The reason of the decision; for WAIT also the delay.
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
    fn responses_have_the_format_that_clients_expect() {
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
