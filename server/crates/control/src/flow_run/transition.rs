//! Locks a flow run, and writes the transition that the engine has decided: the state and the run's columns. Also the keys of counters.

use engine::{decision::FlowRunChange, facts::FlowRunFacts};
use model::{
    id::{DeploymentId, FlowId, FlowRunId},
    run::RunTimes,
    state::State,
    time::Timestamp,
};
use store::{
    Change,
    counter::{CounterCell, CounterDelta, RunKind},
    flow_run::{FLOW_RUN_FOR_RULES, FlowRunForRules, FlowRunStateUpdate, LOCK_FLOW_RUN, UPDATE_FLOW_RUN_STATE},
    row::Joined,
    state::{FlowRunStateRow, INSERT_FLOW_RUN_STATES},
    tx::ScopedTx,
};

use crate::{Result, artifact};

/// The flow and the deployment under which a run is counted; for a task run those of its flow run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CounterKey {
    pub flow_id: FlowId,
    pub deployment_id: Option<DeploymentId>,
}

impl CounterKey {
    /// The key of task runs without a flow run.
    pub(crate) const BACKGROUND: Self = Self { flow_id: FlowId(uuid::Uuid::nil()), deployment_id: None };

    pub(crate) fn delta(self, kind: RunKind, from: Option<CounterCell>, to: Option<CounterCell>) -> CounterDelta {
        let Self { flow_id, deployment_id } = self;
        CounterDelta { kind, flow_id, deployment_id, from, to }
    }
}

/// The cell in which a run with this state is counted.
pub(crate) fn counter_cell(state: &State, times: &RunTimes, created: Timestamp) -> CounterCell {
    let sort_time = times.sort_time(created);
    CounterCell { state_type: state.state_type, state_name: state.name.clone(), sort_time }
}

/// A locked flow run as the rules and the counters need it.
pub(crate) struct LockedFlowRun {
    pub facts: FlowRunFacts,
    pub counter_key: CounterKey,
    pub from: CounterCell,
}

/// Locks a flow run and reads what the rules need of it; none if it does not exist.
pub(crate) async fn lock(tx: &mut ScopedTx<'_>, id: FlowRunId) -> Result<Option<LockedFlowRun>> {
    tx.lock(&LOCK_FLOW_RUN, (id,)).await?;
    let found = tx.optional(&FLOW_RUN_FOR_RULES, (id,)).await?;
    Ok(found.map(|Joined(row, state)| locked(id, row, state)))
}

fn locked(id: FlowRunId, row: FlowRunForRules, current: State) -> LockedFlowRun {
    let FlowRunForRules { flow_id, deployment_id, sort_time, .. } = row;
    LockedFlowRun {
        counter_key: CounterKey { flow_id, deployment_id },
        from: CounterCell { state_type: current.state_type, state_name: current.name.clone(), sort_time },
        facts: FlowRunFacts {
            id,
            deployment_id,
            parent_task_run_id: row.parent_task_run_id,
            infrastructure_pid: row.infrastructure_pid,
            times: row.times,
            empirical_policy: row.empirical_policy,
            current: Some(current),
        },
    }
}

/// Writes the new state and the run's columns.
pub(super) async fn write(tx: &mut ScopedTx<'_>, id: FlowRunId, change: &FlowRunChange, now: Timestamp) -> Result<()> {
    let FlowRunChange { state, result, times, empirical_policy } = change;
    let row = FlowRunStateRow::new(id, state);
    tx.insert(&INSERT_FLOW_RUN_STATES, std::slice::from_ref(&row)).await?;
    artifact::insert_result(tx, result, row.state, id, None).await?;
    let update = FlowRunStateUpdate {
        id,
        state_id: state.id,
        state_type: state.state_type,
        state_name: state.name.clone(),
        state_timestamp: state.timestamp,
        empirical_policy: empirical_policy.clone(),
        times: *times,
        updated: now,
    };
    tx.exactly_one(&UPDATE_FLOW_RUN_STATE, &update).await?;
    tx.publish(Change::FlowRun { workspace: tx.workspace(), flow_run: id });
    Ok(())
}
