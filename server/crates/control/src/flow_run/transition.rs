//! Locks a flow run, and writes the transition that the engine has decided: the state and the run's columns. Also the keys of counters.

use engine::{decision::FlowRunChange, facts::RunTimes};
use model::{
    id::{DeploymentId, FlowId, FlowRunId},
    state::State,
    time::Timestamp,
};
use store::{
    Tenant, Tx,
    column::Json,
    counter::{CounterCell, CounterDelta, RunKind},
    flow_run::{FLOW_RUN_HEAD, FlowRunHead, FlowRunProgress, LOCK_FLOW_RUN, SAVE_FLOW_RUN_PROGRESS},
    row::Joined,
    state::{FlowRunStateRow, INSERT_FLOW_RUN_STATES, StateRow},
};

use crate::Result;

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
    let sort_time = sort_time(times.start_time, times.expected_start_time, created);
    CounterCell { state_type: state.state_type, state_name: state.name.clone(), sort_time }
}

/// The time that lists sort by, computed as in the database: when the run started, else when it should start, else when it was created.
pub(crate) fn sort_time(start: Option<Timestamp>, expected: Option<Timestamp>, created: Timestamp) -> Timestamp {
    start.or(expected).unwrap_or(created)
}

/// Locks a flow run and reads what the rules need of it; none if it does not exist.
pub(crate) async fn lock(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    id: FlowRunId,
) -> Result<Option<Joined<FlowRunHead, StateRow>>> {
    let mut tx = tx.of(tenant);
    tx.lock(&LOCK_FLOW_RUN, (id,)).await?;
    Ok(tx.optional(&FLOW_RUN_HEAD, (id,)).await?)
}

/// Writes the new state and the run's columns.
pub(super) async fn write(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    id: FlowRunId,
    change: &FlowRunChange,
    now: Timestamp,
) -> Result<()> {
    let FlowRunChange { state, times, empirical_policy } = change;
    let mut tx = tx.of(tenant);
    tx.insert(&INSERT_FLOW_RUN_STATES, &[FlowRunStateRow::new(id, state)]).await?;
    let progress = FlowRunProgress {
        id,
        state_id: state.id,
        state_type: state.state_type,
        state_name: state.name.clone(),
        state_timestamp: state.timestamp,
        empirical_policy: Json(empirical_policy.clone()),
        run_count: times.run_count,
        expected_start_time: times.expected_start_time,
        next_scheduled_start_time: times.next_scheduled_start_time,
        start_time: times.start_time,
        end_time: times.end_time,
        total_run_time: times.total_run_time,
        updated: now,
    };
    Ok(tx.exactly_one(&SAVE_FLOW_RUN_PROGRESS, &progress).await?)
}
