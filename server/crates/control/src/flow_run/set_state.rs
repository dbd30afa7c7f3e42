//! Changes the state of a flow run: locks the run, lets the engine decide, and writes the decision.

use engine::{
    api_version::Client,
    decide_flow,
    decision::{Decision, Effect, FlowRunChange, Outcome},
    facts::{FlowRunFacts, RunTimes},
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
    counter::{self, CounterCell, CounterDelta, RunKind},
    flow_run::FlowRunHead,
    row::Joined,
};

use super::transition::{self, CounterKey};
use crate::{Cx, Error, Result, access::Workspace, bus::Change, task_run, write_context::WriteContext};

/// Sets the run to a state, if the rules accept the transition.
///
/// # Errors
/// [`Error::NotFound`] if there is no such run. A rejected transition is a result, not an error.
pub async fn set_state(
    cx: &Cx,
    ws: Workspace<WriteRuns>,
    id: FlowRunId,
    request: SetState,
    client: Client,
) -> Result<OrchestrationResult> {
    let context = WriteContext::of(cx);
    let policy = FlowPolicy::choose(request.force);
    let proposal = Proposal::from_client(request.state, context.now);
    let write = ProposeFlowRunState { tenant: *ws.tenant(), id, policy, proposal, client, context };
    let Proposed { decision, task_runs } = cx.db.write(write).await?;
    if decision.change().is_some() {
        cx.bus.publish(Change::FlowRun { workspace: ws.id(), flow_run: id });
    }
    for (task_run, flow_run) in task_runs {
        cx.bus.publish(Change::TaskRun { workspace: ws.id(), task_run, flow_run });
    }
    Ok(decision.to_result())
}

struct ProposeFlowRunState {
    tenant: Tenant,
    id: FlowRunId,
    policy: FlowPolicy,
    proposal: Proposal,
    client: Client,
    context: WriteContext,
}

struct Proposed {
    decision: Decision<FlowRunChange>,
    /// The task runs that changed too, with their flow runs.
    task_runs: Vec<(TaskRunId, Option<FlowRunId>)>,
}

impl Write for ProposeFlowRunState {
    type Out = Proposed;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Proposed> {
        let found = super::transition::lock(tx, &self.tenant, self.id).await?;
        let Joined(head, state) = found.ok_or(Error::NotFound("Flow run"))?;
        let counter_key = CounterKey { flow_id: head.flow_id, deployment_id: head.deployment_id };
        let current: State = state.into();
        let from =
            CounterCell { state_type: current.state_type, state_name: current.name.clone(), sort_time: head.sort_time };
        let facts = facts(self.id, head, current);
        let decision = decide_flow(self.policy, facts, self.proposal.clone(), self.client, self.context.decision());
        let mut task_runs = Vec::new();
        if let Outcome::Write { change, effects } = &decision.outcome {
            transition::write(tx, &self.tenant, self.id, change, self.context.now).await?;
            let to = transition::counter_cell(&change.state, &change.times, from.sort_time);
            let mut deltas = vec![counter_key.delta(RunKind::FlowRun, Some(from), Some(to))];
            for effect in effects {
                self.apply_effect(tx, *effect, &change.state, &mut deltas, &mut task_runs).await?;
            }
            counter::apply(tx, &self.tenant, &deltas).await?;
        }
        Ok(Proposed { decision, task_runs })
    }
}

impl ProposeFlowRunState {
    async fn apply_effect(
        &self,
        tx: &mut Tx<'_>,
        effect: Effect,
        state: &State,
        deltas: &mut Vec<CounterDelta>,
        task_runs: &mut Vec<(TaskRunId, Option<FlowRunId>)>,
    ) -> Result<()> {
        match effect {
            Effect::MirrorToParent(parent) => {
                let mirrored =
                    task_run::mirror(tx, &self.tenant, parent, state, self.id, &self.context, deltas).await?;
                task_runs.extend(mirrored.map(|flow_run| (parent, flow_run)));
            }
            Effect::RetryFailedTaskRuns { scheduled_time } => {
                let retried =
                    task_run::retry_failed(tx, &self.tenant, self.id, scheduled_time, &self.context, deltas).await?;
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
        times: RunTimes {
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
