//! The one way to change the state of a flow run: load the facts, let the engine decide, write what it decided.

use engine::{
    api_version::Client,
    decide_flow,
    decision::{Decision, Effect, FlowRunChange, Outcome},
    facts::{FlowRunFacts, Ledger},
    policy::FlowPolicy,
    transition::Proposal,
};
use model::{
    id::{FlowRunId, TaskRunId},
    orchestration::{OrchestrationResult, SetState},
    permission::WriteRuns,
    state::State,
};
use store::{
    Tenant, Tx, Write,
    counter::{self, Move, Place, RunKind},
    flow_run::FlowRunHead,
    row::Beside,
};

use super::transition::{self, Counted};
use crate::{Cx, Error, Result, access::Workspace, bus::Change, stamp::Stamp, task_run};

/// Asks whether the run may go into a state; if so, it does.
///
/// # Errors
/// [`Error::NotFound`] if there is no such run. A refusal is an answer, not an error.
pub async fn set_state(
    cx: &Cx,
    ws: Workspace<WriteRuns>,
    id: FlowRunId,
    ask: SetState,
    client: Client,
) -> Result<OrchestrationResult> {
    let stamp = Stamp::of(cx);
    let policy = FlowPolicy::choose(ask.force);
    let proposal = Proposal::from_client(ask.state, stamp.now);
    let write = ProposeFlowRunState { tenant: *ws.tenant(), id, policy, proposal, client, stamp };
    let Proposed { decision, task_runs } = cx.db.write(write).await?;
    if decision.change().is_some() {
        cx.bus.tell(Change::FlowRun { workspace: ws.id(), flow_run: id });
    }
    for (task_run, flow_run) in task_runs {
        cx.bus.tell(Change::TaskRun { workspace: ws.id(), task_run, flow_run });
    }
    Ok(decision.to_result())
}

struct ProposeFlowRunState {
    tenant: Tenant,
    id: FlowRunId,
    policy: FlowPolicy,
    proposal: Proposal,
    client: Client,
    stamp: Stamp,
}

struct Proposed {
    decision: Decision<FlowRunChange>,
    /// Task runs that changed with it, and the flow runs they belong to.
    task_runs: Vec<(TaskRunId, Option<FlowRunId>)>,
}

impl Write for ProposeFlowRunState {
    type Out = Proposed;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Proposed> {
        let found = super::transition::lock(tx, &self.tenant, self.id).await?;
        let Beside(head, state) = found.ok_or(Error::NotFound("Flow run"))?;
        let counted = Counted { flow_id: head.flow_id, deployment_id: head.deployment_id };
        let current: State = state.into();
        let from =
            Place { state_type: current.state_type, state_name: current.name.clone(), sort_time: head.sort_time };
        let facts = facts(self.id, head, current);
        let decision = decide_flow(self.policy, facts, self.proposal.clone(), self.client, self.stamp.moment());
        let mut task_runs = Vec::new();
        if let Outcome::Write { change, effects } = &decision.outcome {
            transition::write(tx, &self.tenant, self.id, change, self.stamp.now).await?;
            let to = transition::place(&change.state, &change.ledger, from.sort_time);
            let mut moves = vec![counted.moved(RunKind::FlowRun, Some(from), Some(to))];
            for effect in effects {
                self.carry_out(tx, *effect, &change.state, &mut moves, &mut task_runs).await?;
            }
            counter::count(tx, &self.tenant, &moves).await?;
        }
        Ok(Proposed { decision, task_runs })
    }
}

impl ProposeFlowRunState {
    async fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        effect: Effect,
        state: &State,
        moves: &mut Vec<Move>,
        task_runs: &mut Vec<(TaskRunId, Option<FlowRunId>)>,
    ) -> Result<()> {
        match effect {
            Effect::MirrorToParent(parent) => {
                let mirrored = task_run::mirror(tx, &self.tenant, parent, state, self.id, &self.stamp, moves).await?;
                task_runs.extend(mirrored.map(|flow_run| (parent, flow_run)));
            }
            Effect::RetryFailedTaskRuns { scheduled_time } => {
                let retried =
                    task_run::retry_failed(tx, &self.tenant, self.id, scheduled_time, &self.stamp, moves).await?;
                task_runs.extend(retried.into_iter().map(|task_run| (task_run, Some(self.id))));
            }
        }
        Ok(())
    }
}

fn facts(id: FlowRunId, head: FlowRunHead, current: State) -> FlowRunFacts {
    FlowRunFacts {
        id,
        deployment_id: head.deployment_id,
        parent_task_run_id: head.parent_task_run_id,
        infrastructure_pid: head.infrastructure_pid,
        ledger: Ledger {
            run_count: head.run_count,
            start_time: head.start_time,
            end_time: head.end_time,
            total_run_time: head.total_run_time,
            expected_start_time: head.expected_start_time,
            next_scheduled_start_time: head.next_scheduled_start_time,
        },
        empirical_policy: head.empirical_policy.0,
        current: Some(current),
    }
}
