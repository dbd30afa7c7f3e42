//! Changes the state of a task run, for older clients.

use engine::{
    api_version::Client,
    decide_task,
    decision::{Decision, TaskRunChange},
    facts::ParentFlowRun,
    policy::TaskPolicy,
    transition::Proposal,
};
use model::{
    id::{FlowRunId, TaskRunId},
    orchestration::{OrchestrationResult, SetState},
    permission::WriteRuns,
    state::State,
};
use store::{Tenant, Tx, Write, counter, row::Joined, task_run::FLOW_RUN_OF_TASK_RUN};

use super::transition::{self, CounterKey, LockedTaskRun};
use crate::{Cx, Error, Result, access::Workspace, bus::Change, flow_run, write_context::WriteContext};

/// Sets the run to a state, if the rules accept the transition.
///
/// # Errors
/// [`Error::NotFound`] if there is no such run. A rejected transition is a result, not an error.
pub async fn set_state(
    cx: &Cx,
    ws: Workspace<WriteRuns>,
    id: TaskRunId,
    request: SetState,
    client: Client,
) -> Result<OrchestrationResult> {
    let context = WriteContext::of(cx);
    let proposal = Proposal::from_client(request.state, context.now);
    let policy = TaskPolicy::choose(request.force, &proposal);
    let write = ProposeTaskRunState { tenant: *ws.tenant(), id, policy, proposal, client, context };
    let (decision, flow_run) = cx.db.write(write).await?;
    if decision.change().is_some() {
        cx.bus.publish(Change::TaskRun { workspace: ws.id(), task_run: id, flow_run });
    }
    Ok(decision.to_result())
}

struct ProposeTaskRunState {
    tenant: Tenant,
    id: TaskRunId,
    policy: TaskPolicy,
    proposal: Proposal,
    client: Client,
    context: WriteContext,
}

impl Write for ProposeTaskRunState {
    type Out = (Decision<TaskRunChange>, Option<FlowRunId>);
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let found = tx.of(&self.tenant).optional(&FLOW_RUN_OF_TASK_RUN, (self.id,)).await?;
        let (flow_run,) = found.ok_or(Error::NotFound("Task run"))?;
        // Every write locks the flow run before the task run, so that no two wait for each other.
        let (parent, counter_key) = self.lock_parent(tx, flow_run).await?;
        let locked = transition::lock(tx, &self.tenant, self.id, parent).await?;
        let LockedTaskRun { facts, from } = locked.ok_or(Error::NotFound("Task run"))?;
        let decision = decide_task(self.policy, facts, self.proposal.clone(), self.client, self.context.decision());
        let delta =
            transition::write(tx, &self.tenant, self.id, &decision, (counter_key, from), self.context.now).await?;
        counter::apply(tx, &self.tenant, delta.as_slice()).await?;
        Ok((decision, flow_run))
    }
}

impl ProposeTaskRunState {
    async fn lock_parent(
        &self,
        tx: &mut Tx<'_>,
        flow_run: Option<FlowRunId>,
    ) -> Result<(Option<ParentFlowRun>, CounterKey)> {
        let Some(id) = flow_run else { return Ok((None, CounterKey::BACKGROUND)) };
        let found = flow_run::lock(tx, &self.tenant, id).await?;
        let Some(Joined(head, state)) = found else { return Ok((None, CounterKey::BACKGROUND)) };
        let state: State = state.into();
        let parent = ParentFlowRun {
            id,
            run_count: head.run_count,
            state_type: Some(state.state_type),
            pause_timeout: state.state_details.pause_timeout,
            pause_reschedule: state.state_details.pause_reschedule,
        };
        Ok((Some(parent), CounterKey { flow_id: head.flow_id, deployment_id: head.deployment_id }))
    }
}
