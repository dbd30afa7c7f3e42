//! What comes of judging: the ruling of one rule, and the decision of all of them.

use std::borrow::Cow;

use model::{
    id::TaskRunId,
    orchestration::{OrchestrationResult, SetStateDetails, SetStateStatus},
    policy::FlowRunPolicy,
    state::State,
    time::Timestamp,
};

use crate::{facts::Ledger, transition::Proposal};

/// Why a transition is not carried out as proposed; clients show it.
pub type Reason = Cow<'static, str>;

/// What one rule says about a transition.
#[derive(Clone, PartialEq, Debug)]
pub enum Ruling {
    /// Nothing against it.
    Pass,
    /// Let it be this state, of the same type, instead.
    Rewrite(Proposal),
    /// Not that; this state instead, or else the run stays in the one it is in.
    Reject { state: Option<Proposal>, reason: Reason },
    /// Not that, and the client shall stop.
    Abort { reason: Reason },
    /// Not yet.
    Wait { delay_seconds: i64, reason: Reason },
}

/// A ruling and what goes with it, as long as no later rule makes another transition of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement<P> {
    pub ruling: Ruling,
    pub patches: Vec<P>,
    pub effects: Vec<Effect>,
}

impl<P> Judgement<P> {
    /// Nothing against it.
    #[must_use]
    pub fn pass() -> Self {
        Ruling::Pass.into()
    }

    /// See [`Ruling::Rewrite`].
    #[must_use]
    pub fn rewrite(proposal: Proposal) -> Self {
        Ruling::Rewrite(proposal).into()
    }

    /// The run stays in the state it is in.
    #[must_use]
    pub fn refuse(reason: impl Into<Reason>) -> Self {
        Ruling::Reject { state: None, reason: reason.into() }.into()
    }

    /// The run gets another state than the proposed one.
    #[must_use]
    pub fn replace(state: Proposal, reason: impl Into<Reason>) -> Self {
        Ruling::Reject { state: Some(state), reason: reason.into() }.into()
    }

    /// See [`Ruling::Abort`].
    #[must_use]
    pub fn abort(reason: impl Into<Reason>) -> Self {
        Ruling::Abort { reason: reason.into() }.into()
    }

    /// See [`Ruling::Wait`].
    #[must_use]
    pub fn wait(delay_seconds: i64, reason: impl Into<Reason>) -> Self {
        Ruling::Wait { delay_seconds, reason: reason.into() }.into()
    }

    /// The same ruling with changes to the run.
    #[must_use]
    pub fn patching(mut self, patches: impl IntoIterator<Item = P>) -> Self {
        self.patches.extend(patches);
        self
    }

    /// The same ruling with something else that must happen.
    #[must_use]
    pub fn causing(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

impl<P> From<Ruling> for Judgement<P> {
    fn from(ruling: Ruling) -> Self {
        Self { ruling, patches: Vec::new(), effects: Vec::new() }
    }
}

/// What must happen besides writing the run and its state, in the same transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Every failed task run of the flow run waits for its retry: see [`crate::retry_failed_task_run`].
    RetryFailedTaskRuns { scheduled_time: Timestamp },
    /// The task run that stands for this flow run takes over its state: see [`crate::mirror`].
    MirrorToParent(TaskRunId),
}

/// What the client is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Accept,
    Reject { reason: Reason },
    Wait { delay_seconds: i64, reason: Reason },
    Abort { reason: Reason },
}

/// The answer to a proposal.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision<C> {
    pub verdict: Verdict,
    pub outcome: Outcome<C>,
}

/// What becomes of the run.
#[expect(clippy::large_enum_variant, reason = "every change holds a state too; only the type parameter hides it")]
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome<C> {
    /// The run gets a new state; the answer carries it.
    Write { change: C, effects: Vec<Effect> },
    /// Nothing is written and nothing else happens; the answer carries the state that the run is in, if any.
    Keep(Option<State>),
}

impl<C: Change> Decision<C> {
    /// The state that the answer carries.
    #[must_use]
    pub fn answer(&self) -> Option<&State> {
        match &self.outcome {
            Outcome::Write { change, .. } => Some(change.state()),
            Outcome::Keep(current) => current.as_ref(),
        }
    }

    /// The answer as clients read it.
    #[must_use]
    pub fn to_result(&self) -> OrchestrationResult {
        let reason = |reason: &Reason| Some(reason.clone().into_owned());
        let (status, details) = match &self.verdict {
            Verdict::Accept => (SetStateStatus::Accept, SetStateDetails::Accept),
            Verdict::Reject { reason: why } => {
                (SetStateStatus::Reject, SetStateDetails::Reject { reason: reason(why) })
            }
            Verdict::Abort { reason: why } => (SetStateStatus::Abort, SetStateDetails::Abort { reason: reason(why) }),
            Verdict::Wait { delay_seconds, reason: why } => {
                (SetStateStatus::Wait, SetStateDetails::Wait { delay_seconds: *delay_seconds, reason: reason(why) })
            }
        };
        OrchestrationResult { state: self.answer().cloned(), status, details }
    }
}

impl<C> Decision<C> {
    /// What is written, if anything.
    #[must_use]
    pub fn change(&self) -> Option<&C> {
        match &self.outcome {
            Outcome::Write { change, .. } => Some(change),
            Outcome::Keep(_) => None,
        }
    }

    /// What else must happen.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        match &self.outcome {
            Outcome::Write { effects, .. } => effects,
            Outcome::Keep(_) => &[],
        }
    }
}

/// A change of a run: its new state and every column that goes with it.
pub trait Change {
    fn state(&self) -> &State;
}

/// See [`Change`]. The run's denormalised state columns are those of `state`.
#[derive(Clone, PartialEq, Debug)]
pub struct FlowRunChange {
    pub state: State,
    pub ledger: Ledger,
    pub empirical_policy: FlowRunPolicy,
}

impl Change for FlowRunChange {
    fn state(&self) -> &State {
        &self.state
    }
}

/// See [`Change`]. The run's denormalised state columns are those of `state`.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskRunChange {
    pub state: State,
    pub ledger: Ledger,
    pub flow_run_run_count: i64,
}

impl Change for TaskRunChange {
    fn state(&self) -> &State {
        &self.state
    }
}

#[cfg(test)]
mod tests {
    use model::state::StateType::{Pending, Running};
    use serde_json::json;

    use crate::{
        fixture::{core_flow, core_task, flow, now, scheduled, state, task},
        transition::Proposal,
    };

    #[test]
    fn the_answer_carries_the_new_state_or_else_the_current_one() {
        let cases = [
            (
                core_flow(flow(Some(state(Pending))), Proposal::of(Running)),
                "ACCEPT",
                "RUNNING",
                json!({"type": "accept_details"}),
            ),
            (
                core_flow(flow(Some(state(Running))), Proposal::of(Pending)),
                "ABORT",
                "RUNNING",
                json!({
                    "type": "abort_details",
                    "reason": "This run is in a RUNNING state and cannot transition to a PENDING state.",
                }),
            ),
            (
                core_flow(flow(Some(scheduled(now().plus_seconds(9.0)))), Proposal::of(Running)),
                "WAIT",
                "SCHEDULED",
                json!({"type": "wait_details", "delay_seconds": 9, "reason": "Scheduled time is in the future"}),
            ),
        ];
        for (decision, status, state_type, details) in cases {
            let answer = serde_json::to_value(decision.to_result()).unwrap();
            assert_eq!((answer["status"].as_str(), answer["state"]["type"].as_str()), (Some(status), Some(state_type)));
            assert_eq!(answer["details"], details);
        }
        let mut stopped = task(None);
        stopped.flow_run.as_mut().unwrap().state_type = None;
        assert_eq!(core_task(stopped, Proposal::of(Running)).answer(), None, "a run without a state answers none");
    }
}
