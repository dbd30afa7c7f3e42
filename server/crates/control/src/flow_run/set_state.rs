//! The only way to change the state of a flow run: load the facts, let the engine decide, write the decision.

use engine::{
    api_version::Client,
    decide_flow,
    decision::{Decision, Effect, FlowRunChange, Outcome},
    policy::FlowPolicy,
    transition::Proposal,
};
use model::{
    id::{FlowRunId, StateId},
    orchestration::{OrchestrationResult, SetState},
    permission::WriteRuns,
    state::State,
};
use store::{
    Actor, Tx, Write,
    counter::{self, CounterDelta, RunKind},
    tx::ScopedTx,
};

use super::transition::{self, LockedFlowRun};
use crate::{Cx, Error, Result, access::Workspace, flow::Upserted, task_run, write_context::WriteContext};

/// Sets the run to a state, if the rules accept the transition. `inserted` says whether the run has a new state.
///
/// # Errors
/// [`Error::NotFound`] if there is no such run. A rejected transition is a result, not an error.
pub async fn set_state(
    cx: &Cx,
    ws: Workspace<WriteRuns>,
    id: FlowRunId,
    request: SetState,
    client: Client,
) -> Result<Upserted<OrchestrationResult>> {
    let context = WriteContext::of(cx);
    let policy = FlowPolicy::choose(request.force);
    let proposal = Proposal::from_client(request.state, context.now);
    let actor = ws.tenant().into();
    let write = ProposeFlowRunState { actor, id, policy, proposal, only_from: None, client, context };
    let decision = cx.db.write(write).await?;
    Ok(Upserted { inserted: decision.change().is_some(), value: decision.to_result() })
}

/// A state that a client or a background service proposes for a flow run.
pub(super) struct ProposeFlowRunState {
    pub actor: Actor,
    pub id: FlowRunId,
    pub policy: FlowPolicy,
    pub proposal: Proposal,
    /// The state in which a background service has seen the run. If the run has another by now, it keeps that.
    pub only_from: Option<StateId>,
    pub client: Client,
    pub context: WriteContext,
}

impl Write for ProposeFlowRunState {
    type Out = Decision<FlowRunChange>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Decision<FlowRunChange>> {
        let mut tx = tx.of(&self.actor);
        let found = transition::lock(&mut tx, self.id).await?;
        let LockedFlowRun { facts, counter_key, from } = found.ok_or(Error::not_found("Flow run", self.id))?;
        let current = facts.current.as_ref();
        if self.only_from.is_some_and(|seen| current.is_none_or(|current| current.id != seen)) {
            return Ok(Decision::unchanged(facts.current));
        }
        let decision = decide_flow(self.policy, facts, self.proposal.clone(), self.client, self.context.decision());
        if let Outcome::Write { change, effects } = &decision.outcome {
            transition::write(&mut tx, self.id, change, self.context.now).await?;
            let to = transition::counter_cell(&change.state, &change.times, from.sort_time);
            let mut deltas = vec![counter_key.delta(RunKind::FlowRun, Some(from), Some(to))];
            for effect in effects {
                self.execute(&mut tx, *effect, &change.state, &mut deltas).await?;
            }
            counter::apply(&mut tx, &deltas).await?;
        }
        Ok(decision)
    }
}

impl ProposeFlowRunState {
    async fn execute(
        &self,
        tx: &mut ScopedTx<'_>,
        effect: Effect,
        state: &State,
        deltas: &mut Vec<CounterDelta>,
    ) -> Result<()> {
        match effect {
            Effect::MirrorToParent(parent) => task_run::mirror(tx, parent, state, self.id, &self.context, deltas).await,
            Effect::RetryFailedTaskRuns { scheduled_time } => {
                task_run::retry_failed(tx, self.id, scheduled_time, &self.context, deltas).await
            }
        }
    }
}
