//! The results of judging a transition: the ruling of one rule, and the decision of a whole policy.

use std::borrow::Cow;

use model::{
    artifact::ResultDescription,
    id::TaskRunId,
    orchestration::{OrchestrationResult, SetStateDetails, SetStateStatus},
    policy::FlowRunPolicy,
    run::RunTimes,
    state::State,
    time::Timestamp,
};

use crate::transition::Proposal;

/// Why a transition is not carried out as proposed; clients log it.
pub type Reason = Cow<'static, str>;

/// The result of one rule for a transition.
#[derive(Clone, PartialEq, Debug)]
pub enum Ruling {
    /// Accept the proposal.
    Pass,
    /// Replace the proposal by this state of the same type.
    Rewrite(Proposal),
    /// Reject the proposal. The run gets `state` instead, or stays in its current one.
    Reject { state: Option<Proposal>, reason: Reason },
    /// Reject the proposal and make the client stop the run.
    Abort { reason: Reason },
    /// Make the client propose again after a delay.
    Wait { delay_seconds: i64, reason: Reason },
}

/// A ruling with its patches and effects. They are dropped if a later rule changes the type of the proposed state.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement<P> {
    pub ruling: Ruling,
    pub patches: Vec<P>,
    pub effects: Vec<Effect>,
}

impl<P> Judgement<P> {
    /// See [`Ruling::Pass`].
    #[must_use]
    pub fn pass() -> Self {
        Ruling::Pass.into()
    }

    /// See [`Ruling::Rewrite`].
    #[must_use]
    pub fn rewrite(proposal: Proposal) -> Self {
        Ruling::Rewrite(proposal).into()
    }

    /// Rejects the proposal; the run stays in its current state.
    #[must_use]
    pub fn reject(reason: impl Into<Reason>) -> Self {
        Ruling::Reject { state: None, reason: reason.into() }.into()
    }

    /// Rejects the proposal; the run gets `state` instead.
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

    /// Adds changes of the run.
    #[must_use]
    pub fn with_patches(mut self, patches: impl IntoIterator<Item = P>) -> Self {
        self.patches.extend(patches);
        self
    }

    /// Adds an effect.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }
}

impl<P> From<Ruling> for Judgement<P> {
    fn from(ruling: Ruling) -> Self {
        Self { ruling, patches: Vec::new(), effects: Vec::new() }
    }
}

/// What has to be written in the same transaction besides the run and its state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Set every failed task run of the flow run to AwaitingRetry: see [`crate::retry_failed_task_run`].
    RetryFailedTaskRuns { scheduled_time: Timestamp },
    /// Copy the state of a subflow run to its parent task run: see [`Proposal::mirroring`](crate::transition::Proposal::mirroring).
    MirrorToParent(TaskRunId),
}

/// The status of the response to the client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Accept,
    Reject { reason: Reason },
    Wait { delay_seconds: i64, reason: Reason },
    Abort { reason: Reason },
}

/// The decision on a proposal.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision<C> {
    pub verdict: Verdict,
    pub outcome: Outcome<C>,
}

/// What the caller has to write.
#[expect(clippy::large_enum_variant, reason = "every change holds a state too; only the type parameter hides it")]
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome<C> {
    /// The run gets a new state; the response contains it.
    Write { change: C, effects: Vec<Effect> },
    /// Nothing; the response contains the run's current state, if any.
    Keep(Option<State>),
}

impl<C: Change> Decision<C> {
    /// The state in the response.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        match &self.outcome {
            Outcome::Write { change, .. } => Some(change.state()),
            Outcome::Keep(current) => current.as_ref(),
        }
    }

    /// The response body for clients.
    #[must_use]
    pub fn to_result(&self) -> OrchestrationResult {
        let text = |reason: &Reason| Some(reason.clone().into_owned());
        let (status, details) = match &self.verdict {
            Verdict::Accept => (SetStateStatus::Accept, SetStateDetails::Accept),
            Verdict::Reject { reason } => (SetStateStatus::Reject, SetStateDetails::Reject { reason: text(reason) }),
            Verdict::Abort { reason } => (SetStateStatus::Abort, SetStateDetails::Abort { reason: text(reason) }),
            Verdict::Wait { delay_seconds, reason } => {
                (SetStateStatus::Wait, SetStateDetails::Wait { delay_seconds: *delay_seconds, reason: text(reason) })
            }
        };
        OrchestrationResult { state: self.state().cloned(), status, details }
    }
}

impl<C> Decision<C> {
    /// The run keeps its state, and no rule was asked.
    #[must_use]
    pub fn unchanged(current: Option<State>) -> Self {
        Self { verdict: Verdict::Accept, outcome: Outcome::Keep(current) }
    }

    /// The change to write, if any.
    #[must_use]
    pub fn change(&self) -> Option<&C> {
        match &self.outcome {
            Outcome::Write { change, .. } => Some(change),
            Outcome::Keep(_) => None,
        }
    }

    /// The effects to carry out.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        match &self.outcome {
            Outcome::Write { effects, .. } => effects,
            Outcome::Keep(_) => &[],
        }
    }
}

/// A change of a run: its new state and all columns that change with it.
pub trait Change {
    fn state(&self) -> &State;
}

/// See [`Change`]. The run's denormalised state columns are those of `state`.
#[derive(Clone, PartialEq, Debug)]
pub struct FlowRunChange {
    pub state: State,
    pub result: ResultDescription,
    pub times: RunTimes,
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
    pub result: ResultDescription,
    pub times: RunTimes,
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
        fixture::{decide_core_flow, decide_core_task, flow_run, now, scheduled, state, task_run},
        transition::Proposal,
    };

    #[test]
    fn the_response_contains_the_new_or_the_current_state() {
        let cases = [
            (
                decide_core_flow(flow_run(Some(state(Pending))), Proposal::of(Running)),
                "ACCEPT",
                "RUNNING",
                json!({"type": "accept_details"}),
            ),
            (
                decide_core_flow(flow_run(Some(state(Running))), Proposal::of(Pending)),
                "ABORT",
                "RUNNING",
                json!({
                    "type": "abort_details",
                    "reason": "This run is in a RUNNING state and cannot transition to a PENDING state.",
                }),
            ),
            (
                decide_core_flow(flow_run(Some(scheduled(now().plus_seconds(9.0)))), Proposal::of(Running)),
                "WAIT",
                "SCHEDULED",
                json!({"type": "wait_details", "delay_seconds": 9, "reason": "Scheduled time is in the future"}),
            ),
        ];
        for (decision, status, state_type, details) in cases {
            let body = serde_json::to_value(decision.to_result()).unwrap();
            assert_eq!((body["status"].as_str(), body["state"]["type"].as_str()), (Some(status), Some(state_type)));
            assert_eq!(body["details"], details);
        }
        let mut stopped = task_run(None);
        stopped.flow_run.as_mut().unwrap().state_type = None;
        assert_eq!(
            decide_core_task(stopped, Proposal::of(Running)).state(),
            None,
            "a run without a state has none in the response"
        );
    }
}
