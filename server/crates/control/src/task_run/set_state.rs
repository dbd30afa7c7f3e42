//! Asks whether a task run may go into a state: the older clients' way.

use engine::{
    api_version::Client,
    decide_task,
    decision::{Decision, TaskRunChange},
    facts::EnclosingFlowRun,
    policy::TaskPolicy,
    transition::Proposal,
};
use model::{
    id::{FlowRunId, TaskRunId},
    orchestration::{OrchestrationResult, SetState},
    permission::WriteRuns,
    state::State,
};
use store::{Tenant, Tx, Write, counter, row::Beside, task_run::FLOW_RUN_OF_TASK_RUN};

use super::transition::{self, Counted, Locked};
use crate::{Cx, Error, Result, access::Workspace, bus::Change, flow_run, stamp::Stamp};

/// Asks whether the run may go into a state; if so, it does.
///
/// # Errors
/// [`Error::NotFound`] if there is no such run. A refusal is an answer, not an error.
pub async fn set_state(
    cx: &Cx,
    ws: Workspace<WriteRuns>,
    id: TaskRunId,
    ask: SetState,
    client: Client,
) -> Result<OrchestrationResult> {
    let stamp = Stamp::of(cx);
    let proposal = Proposal::from_client(ask.state, stamp.now);
    let policy = TaskPolicy::choose(ask.force, &proposal);
    let write = ProposeTaskRunState { tenant: *ws.tenant(), id, policy, proposal, client, stamp };
    let (decision, flow_run) = cx.db.write(write).await?;
    if decision.change().is_some() {
        cx.bus.tell(Change::TaskRun { workspace: ws.id(), task_run: id, flow_run });
    }
    Ok(decision.to_result())
}

struct ProposeTaskRunState {
    tenant: Tenant,
    id: TaskRunId,
    policy: TaskPolicy,
    proposal: Proposal,
    client: Client,
    stamp: Stamp,
}

impl Write for ProposeTaskRunState {
    type Out = (Decision<TaskRunChange>, Option<FlowRunId>);
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let found = tx.of(&self.tenant).optional(&FLOW_RUN_OF_TASK_RUN, (self.id,)).await?;
        let (flow_run,) = found.ok_or(Error::NotFound("Task run"))?;
        // The order of locks: flow run, then task run.
        let (around, counted) = self.lock_around(tx, flow_run).await?;
        let locked = transition::lock(tx, &self.tenant, self.id, around).await?;
        let Locked { facts, from } = locked.ok_or(Error::NotFound("Task run"))?;
        let decision = decide_task(self.policy, facts, self.proposal.clone(), self.client, self.stamp.moment());
        let moved = transition::write(tx, &self.tenant, self.id, &decision, (counted, from), self.stamp.now).await?;
        counter::count(tx, &self.tenant, moved.as_slice()).await?;
        Ok((decision, flow_run))
    }
}

impl ProposeTaskRunState {
    async fn lock_around(
        &self,
        tx: &mut Tx<'_>,
        flow_run: Option<FlowRunId>,
    ) -> Result<(Option<EnclosingFlowRun>, Counted)> {
        let Some(id) = flow_run else { return Ok((None, Counted::BACKGROUND)) };
        let found = flow_run::lock(tx, &self.tenant, id).await?;
        let Some(Beside(head, state)) = found else { return Ok((None, Counted::BACKGROUND)) };
        let state: State = state.into();
        let around = EnclosingFlowRun {
            id,
            run_count: head.run_count,
            state_type: Some(state.state_type),
            pause_timeout: state.state_details.pause_timeout,
            pause_reschedule: state.state_details.pause_reschedule,
        };
        Ok((Some(around), Counted { flow_id: head.flow_id, deployment_id: head.deployment_id }))
    }
}
