//! What rules judge: the current state, the proposed state, the time, and the client.

use model::{
    artifact::ResultDescription,
    id::{FlowRunId, StateId},
    state::{State, StateCreate, StateDetails, StateType},
    time::Timestamp,
};
use serde_json::Value;

use crate::api_version::Client;

/// A proposed state of a run. It gets its id and timestamp when the decision accepts it.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    pub state_type: StateType,
    pub name: String,
    pub message: Option<String>,
    pub data: Option<Value>,
    /// How the artifact of the result in `data` is described.
    pub result: ResultDescription,
    pub details: StateDetails,
}

impl Proposal {
    /// A state of this type with the default name. For a scheduled state use [`Proposal::scheduled`], which sets the time.
    #[must_use]
    pub fn of(state_type: StateType) -> Self {
        Self {
            state_type,
            name: state_type.default_name().to_owned(),
            message: None,
            data: None,
            result: ResultDescription::default(),
            details: StateDetails::default(),
        }
    }

    /// The state that a client sent. A scheduled state without a time is due now.
    #[must_use]
    pub fn from_client(create: StateCreate, now: Timestamp) -> Self {
        let StateCreate { state_type, name, message, mut data, state_details: mut details, .. } = create;
        if state_type == StateType::Scheduled {
            details.scheduled_time.get_or_insert(now);
        }
        let name = name.unwrap_or_else(|| state_type.default_name().to_owned());
        let result = data.as_mut().map(ResultDescription::take_from).unwrap_or_default();
        Self { state_type, name, message, data, result, details }
    }

    /// A scheduled state that is due at `time`.
    #[must_use]
    pub fn scheduled(time: Timestamp) -> Self {
        let mut proposal = Self::of(StateType::Scheduled);
        proposal.details.scheduled_time = Some(time);
        proposal
    }

    /// The state of a scheduled run that was due at `time` and has not started.
    #[must_use]
    pub fn late(time: Timestamp) -> Self {
        Self::scheduled(time).named(LATE)
    }

    /// The state of a failed run that is retried at `time`.
    #[must_use]
    pub fn awaiting_retry(time: Timestamp) -> Self {
        Self::scheduled(time).named("AwaitingRetry")
    }

    /// The same state under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The state to store.
    #[must_use]
    pub(crate) fn into_state(self, id: StateId, timestamp: Timestamp) -> State {
        let Self { state_type, name, message, data, result: _, details: state_details } = self;
        State { id, state_type, name, timestamp, message, data, state_details }
    }

    /// The state of a subflow run as a proposal for its parent task run. It has to be forced.
    #[must_use]
    pub fn mirroring(state: &State, subflow: FlowRunId) -> Self {
        let mut details = state.state_details.clone();
        details.child_flow_run_id = Some(subflow);
        Self {
            state_type: state.state_type,
            name: state.name.clone(),
            message: state.message.clone(),
            data: state.data.clone(),
            result: ResultDescription::default(),
            details,
        }
    }
}

/// The name of the state of a scheduled run that did not start in time.
pub const LATE: &str = "Late";

/// What a decision needs and the engine cannot make itself: the time, the id of the new state, and a random number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DecisionContext {
    pub now: Timestamp,
    pub state_id: StateId,
    /// Uniform in `0.0..1.0`, for retries with jitter.
    pub jitter: f64,
}

/// A proposed change of state, as a rule judges it.
pub struct Transition<'a> {
    pub from: Option<&'a State>,
    pub to: &'a Proposal,
    pub client: Client,
    pub context: DecisionContext,
}

/// A set of state types; "no state yet" can be a member too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct States(u16);

impl States {
    const NO_STATE: u16 = 1 << 15;

    /// All types, and no state.
    pub const ALL: Self = Self::of(&StateType::ALL).or_none();
    /// The terminal types.
    pub const TERMINAL: Self =
        Self::of(&[StateType::Completed, StateType::Failed, StateType::Cancelled, StateType::Crashed]);

    /// These types.
    #[must_use]
    pub const fn of(types: &[StateType]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < types.len() {
            bits |= 1 << types[index] as u16;
            index += 1;
        }
        Self(bits)
    }

    /// Adds "no state".
    #[must_use]
    pub const fn or_none(self) -> Self {
        Self(self.0 | Self::NO_STATE)
    }

    /// Removes one type.
    #[must_use]
    pub const fn except(self, state_type: StateType) -> Self {
        Self(self.0 & !(1 << state_type as u16))
    }

    /// Whether the type, or no state, is a member.
    #[must_use]
    pub fn contains(self, state_type: Option<StateType>) -> bool {
        let bit = state_type.map_or(Self::NO_STATE, |state_type| 1 << state_type as u16);
        self.0 & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use model::{
        state::{StateCreate, StateType},
        time::Timestamp,
    };
    use serde_json::{Value, json};

    use super::{Proposal, States};

    #[test]
    fn sets_contain_exactly_their_types() {
        assert!(States::ALL.contains(None));
        assert!(!States::TERMINAL.contains(None));
        let all_but_pending = States::ALL.except(StateType::Pending);
        for state_type in StateType::ALL {
            assert!(States::ALL.contains(Some(state_type)));
            assert_eq!(States::TERMINAL.contains(Some(state_type)), state_type.is_terminal());
            assert_eq!(all_but_pending.contains(Some(state_type)), state_type != StateType::Pending);
        }
    }

    #[test]
    fn a_scheduled_state_without_a_time_is_due_now() {
        let now = Timestamp::from_micros(7);
        let proposal = |body: &str| Proposal::from_client(serde_json::from_str(body).unwrap(), now);
        let due = proposal(r#"{"type": "SCHEDULED"}"#);
        assert_eq!((due.name.as_str(), due.details.scheduled_time), ("Scheduled", Some(now)));
        let late = proposal(
            r#"{"type": "SCHEDULED", "name": "Late", "state_details": {"scheduled_time": "1970-01-01T00:00:00.000001Z"}}"#,
        );
        assert_eq!((late.name.as_str(), late.details.scheduled_time), ("Late", Some(Timestamp::from_micros(1))));
        assert_eq!(proposal(r#"{"type": "RUNNING"}"#).details.scheduled_time, None);
    }

    #[test]
    fn artifact_fields_are_removed_from_state_data() {
        let artifact = json!({"artifact_key": "k", "artifact_type": "result", "artifact_description": null});
        let with_artifact = |data: Value| -> Value {
            data.as_object()
                .into_iter()
                .chain(artifact.as_object())
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        let reference = json!({"type": "reference", "storage_key": "s", "inner": {"artifact_key": "k"}});
        let unpersisted = with_artifact(json!({"type": "unpersisted"}));
        for (sent, stored) in [
            (with_artifact(reference.clone()), reference),
            (artifact.clone(), json!({})),
            (unpersisted.clone(), unpersisted),
            (json!({"encoding": "result", "blob": "{}"}), json!({"encoding": "result", "blob": "{}"})),
            (json!(["artifact_key"]), json!(["artifact_key"])),
            (json!("artifact_key"), json!("artifact_key")),
            (Value::Null, Value::Null),
        ] {
            let create =
                StateCreate { data: Some(sent.clone()), ..serde_json::from_str(r#"{"type": "COMPLETED"}"#).unwrap() };
            assert_eq!(Proposal::from_client(create, Timestamp::default()).data, Some(stored), "{sent}");
        }
    }
}
