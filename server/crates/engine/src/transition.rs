//! The question that rules judge: from which state, to which, when, and for whom.

use model::{
    id::{FlowRunId, StateId},
    state::{State, StateCreate, StateDetails, StateType},
    time::Timestamp,
};
use serde_json::Value;

use crate::api_version::Client;

/// A state that somebody wants a run to be in; it has no id and no time until it is decided.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    pub state_type: StateType,
    pub name: String,
    pub message: Option<String>,
    pub data: Option<Value>,
    pub details: StateDetails,
}

impl Proposal {
    /// A plain state of this type. A scheduled one comes from [`Proposal::scheduled`], which knows when.
    #[must_use]
    pub fn of(state_type: StateType) -> Self {
        Self {
            state_type,
            name: state_type.default_name().to_owned(),
            message: None,
            data: None,
            details: StateDetails::default(),
        }
    }

    /// What a client asks for. A scheduled state that says no time is due now; what the data tells of an artifact is not the state's.
    #[must_use]
    pub fn from_client(create: StateCreate, now: Timestamp) -> Self {
        let StateCreate { state_type, name, message, data, state_details: mut details, .. } = create;
        if state_type == StateType::Scheduled {
            details.scheduled_time.get_or_insert(now);
        }
        let name = name.unwrap_or_else(|| state_type.default_name().to_owned());
        Self { state_type, name, message, data: data.map(without_artifact), details }
    }

    /// A run that is due at `time`.
    #[must_use]
    pub fn scheduled(time: Timestamp) -> Self {
        let mut proposal = Self::of(StateType::Scheduled);
        proposal.details.scheduled_time = Some(time);
        proposal
    }

    /// A failed run that is tried again at `time`.
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

    /// The state that is stored.
    #[must_use]
    pub(crate) fn into_state(self, id: StateId, timestamp: Timestamp) -> State {
        let Self { state_type, name, message, data, details: state_details } = self;
        State { id, state_type, name, timestamp, message, data, state_details }
    }

    /// What the task run that stands for a subflow in its parent's run is set to: the subflow's own state.
    #[must_use]
    pub(crate) fn mirroring(state: &State, subflow: FlowRunId) -> Self {
        let mut details = state.state_details.clone();
        details.child_flow_run_id = Some(subflow);
        Self {
            state_type: state.state_type,
            name: state.name.clone(),
            message: state.message.clone(),
            data: state.data.clone(),
            details,
        }
    }
}

/// The fields of a result by which older clients describe its artifact. There are no artifacts yet to keep them in.
const ARTIFACT_FIELDS: [&str; 3] = ["artifact_key", "artifact_type", "artifact_description"];

/// Data as it is stored and answered. A mere description of a result that was kept nowhere has no artifact, so it is answered whole.
fn without_artifact(mut data: Value) -> Value {
    let is_description = data.get("type").is_some_and(|kind| kind == "unpersisted");
    if let Some(fields) = data.as_object_mut().filter(|_| !is_description) {
        fields.retain(|field, _| !ARTIFACT_FIELDS.contains(&field.as_str()));
    }
    data
}

/// What a decision needs and the engine cannot make: the time, the id of the state that may come of it, and a random number.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moment {
    pub now: Timestamp,
    pub state_id: StateId,
    /// Uniform in `0.0..1.0`; spreads retries that ask for jitter.
    pub draw: f64,
}

/// What a rule is asked about.
pub struct Transition<'a> {
    pub from: Option<&'a State>,
    pub to: &'a Proposal,
    pub client: Client,
    pub moment: Moment,
}

/// A set of types of state, "no state yet" among them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct States(u16);

impl States {
    const NO_STATE: u16 = 1 << 15;

    /// Every type, and no state.
    pub const ALL: Self = Self::of(&StateType::ALL).or_none();
    /// The types in which a run has ended.
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

    /// These types and no state.
    #[must_use]
    pub const fn or_none(self) -> Self {
        Self(self.0 | Self::NO_STATE)
    }

    /// These types but one.
    #[must_use]
    pub const fn except(self, state_type: StateType) -> Self {
        Self(self.0 & !(1 << state_type as u16))
    }

    /// Whether it is one of these.
    #[must_use]
    pub fn hold(self, state_type: Option<StateType>) -> bool {
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
    fn sets_hold_what_they_say() {
        assert!(States::ALL.hold(None));
        assert!(!States::TERMINAL.hold(None));
        let but_pending = States::ALL.except(StateType::Pending);
        for state_type in StateType::ALL {
            assert!(States::ALL.hold(Some(state_type)));
            assert_eq!(States::TERMINAL.hold(Some(state_type)), state_type.is_terminal());
            assert_eq!(but_pending.hold(Some(state_type)), state_type != StateType::Pending);
        }
    }

    #[test]
    fn a_client_s_scheduled_state_without_a_time_is_due_now() {
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
    fn what_describes_an_artifact_is_no_part_of_a_state_s_data() {
        let artifact = json!({"artifact_key": "k", "artifact_type": "result", "artifact_description": null});
        let with = |data: Value| -> Value {
            data.as_object()
                .into_iter()
                .chain(artifact.as_object())
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        let reference = json!({"type": "reference", "storage_key": "s", "inner": {"artifact_key": "k"}});
        let unpersisted = with(json!({"type": "unpersisted"}));
        for (sent, stored) in [
            (with(reference.clone()), reference),
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
