//! Sets the state of a task run, as older clients do.

use engine::{
    api_version::Client,
    decide_task,
    decision::{Decision, TaskRunChange},
    facts::{Facts, ParentFlowRun},
    policy::TaskPolicy,
    transition::Proposal,
};
use model::{
    id::{FlowRunId, TaskRunId},
    orchestration::{OrchestrationResult, SetState},
    permission::WriteRuns,
};
use store::{Actor, Tx, Write, counter, task_run::FLOW_RUN_OF_TASK_RUN, tx::ScopedTx};

use super::transition::{self, CounterKey, LockedTaskRun};
use crate::{
    Cx, Error, Result,
    access::Workspace,
    flow::Upserted,
    flow_run::{self, LockedFlowRun},
    write_context::WriteContext,
};

/// Sets the run to a state, if the rules accept the transition. `inserted` says whether the run has a new state.
///
/// # Errors
/// [`Error::NotFound`] if there is no such run. A rejected transition is a result, not an error.
pub async fn set_state(
    cx: &Cx,
    ws: Workspace<WriteRuns>,
    id: TaskRunId,
    request: SetState,
    client: Client,
) -> Result<Upserted<OrchestrationResult>> {
    let context = WriteContext::of(cx);
    let proposal = Proposal::from_client(request.state, context.now);
    let policy = TaskPolicy::choose(request.force, &proposal);
    let write = ProposeTaskRunState { actor: ws.tenant().into(), id, policy, proposal, client, context };
    let decision = cx.db.write(write).await?;
    Ok(Upserted { inserted: decision.change().is_some(), value: decision.to_result() })
}

struct ProposeTaskRunState {
    actor: Actor,
    id: TaskRunId,
    policy: TaskPolicy,
    proposal: Proposal,
    client: Client,
    context: WriteContext,
}

impl Write for ProposeTaskRunState {
    type Out = Decision<TaskRunChange>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Decision<TaskRunChange>> {
        let mut tx = tx.of(&self.actor);
        let found = tx.optional(&FLOW_RUN_OF_TASK_RUN, (self.id,)).await?;
        let (flow_run,) = found.ok_or(Error::not_found("Task run", self.id))?;
        // The order of locks: flow run, then task run.
        let (parent, counter_key) = self.load_parent(&mut tx, flow_run).await?;
        let locked = transition::lock(&mut tx, self.id, parent).await?;
        let LockedTaskRun { facts, from } = locked.ok_or(Error::not_found("Task run", self.id))?;
        let decision = decide_task(self.policy, facts, self.proposal.clone(), self.client, self.context.decision());
        let delta =
            transition::write(&mut tx, self.id, flow_run, &decision, (counter_key, from), self.context.now).await?;
        counter::apply(&mut tx, delta.as_slice()).await?;
        Ok(decision)
    }
}

impl ProposeTaskRunState {
    /// The flow run, locked, if a rule needs it; otherwise only the key under which its task runs are counted.
    async fn load_parent(
        &self,
        tx: &mut ScopedTx<'_>,
        flow_run: Option<FlowRunId>,
    ) -> Result<(Option<ParentFlowRun>, CounterKey)> {
        let needs = self.policy.needs(self.proposal.state_type);
        let Some(id) = flow_run.filter(|_| needs.contains(Facts::FLOW_RUN)) else {
            return Ok((None, transition::counter_key_in(tx, flow_run).await?));
        };
        let Some(LockedFlowRun { facts, counter_key, .. }) = flow_run::lock(tx, id).await? else {
            return Ok((None, CounterKey::BACKGROUND));
        };
        let details = facts.current.as_ref().map(|state| &state.state_details);
        let parent = ParentFlowRun {
            id,
            run_count: facts.times.run_count,
            state_type: facts.current.as_ref().map(|state| state.state_type),
            pause_timeout: details.and_then(|details| details.pause_timeout),
            pause_reschedule: details.is_some_and(|details| details.pause_reschedule),
        };
        Ok((Some(parent), counter_key))
    }
}
