//! What comes of judging: the ruling of one rule, and the decision of all of them.

use std::borrow::Cow;

use model::{id::TaskRunId, policy::FlowRunPolicy, state::State, time::Timestamp};

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
