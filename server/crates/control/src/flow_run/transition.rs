//! A decided transition, written: the state, the run's columns, what it does to the parent's task run, and the counts.

use engine::{decision::FlowRunChange, facts::Ledger};
use model::{
    id::{DeploymentId, FlowId, FlowRunId},
    state::State,
    time::Timestamp,
};
use store::{
    Tenant, Tx,
    column::Json,
    counter::{Move, Place, RunKind},
    flow_run::{FLOW_RUN_HEAD, FlowRunHead, FlowRunProgress, LOCK_FLOW_RUN, MOVE_FLOW_RUN},
    row::Beside,
    state::{FlowRunStateRow, INSERT_FLOW_RUN_STATES, StateRow},
};

use crate::Result;

/// What the counters ask about a run: its flow and its deployment, for a task run those of the flow run around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub flow_id: FlowId,
    pub deployment_id: Option<DeploymentId>,
}

impl Counted {
    /// All zeros for a task run that no flow run is around.
    pub(crate) const BACKGROUND: Self = Self { flow_id: FlowId(uuid::Uuid::nil()), deployment_id: None };

    pub(crate) fn moved(self, kind: RunKind, from: Option<Place>, to: Option<Place>) -> Move {
        let Self { flow_id, deployment_id } = self;
        Move { kind, flow_id, deployment_id, from, to }
    }
}

/// Where a run in this state is counted.
pub(crate) fn place(state: &State, ledger: &Ledger, created: Timestamp) -> Place {
    let sort_time = sort_time(ledger.start_time, ledger.expected_start_time, created);
    Place { state_type: state.state_type, state_name: state.name.clone(), sort_time }
}

/// The database's own rule: when the run started, else when it should, else when it was made.
pub(crate) fn sort_time(start: Option<Timestamp>, expected: Option<Timestamp>, created: Timestamp) -> Timestamp {
    start.or(expected).unwrap_or(created)
}

/// Locks a flow run and reads what the rules ask about it; none if it is not there.
pub(crate) async fn lock(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    id: FlowRunId,
) -> Result<Option<Beside<FlowRunHead, StateRow>>> {
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
    let FlowRunChange { state, ledger, empirical_policy } = change;
    let mut tx = tx.of(tenant);
    tx.insert(&INSERT_FLOW_RUN_STATES, &[FlowRunStateRow::new(id, state)]).await?;
    let progress = FlowRunProgress {
        id,
        state_id: state.id,
        state_type: state.state_type,
        state_name: state.name.clone(),
        state_timestamp: state.timestamp,
        empirical_policy: Json(empirical_policy.clone()),
        run_count: ledger.run_count,
        expected_start_time: ledger.expected_start_time,
        next_scheduled_start_time: ledger.next_scheduled_start_time,
        start_time: ledger.start_time,
        end_time: ledger.end_time,
        total_run_time: ledger.total_run_time,
        updated: now,
    };
    Ok(tx.exactly_one(&MOVE_FLOW_RUN, &progress).await?)
}
