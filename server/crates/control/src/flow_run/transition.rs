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

/// What the counters ask about a flow run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub flow_id: FlowId,
    pub deployment_id: Option<DeploymentId>,
}

impl Counted {
    pub(super) fn moved(self, from: Option<Place>, to: Place) -> Move {
        let Self { flow_id, deployment_id } = self;
        Move { kind: RunKind::FlowRun, flow_id, deployment_id, from, to: Some(to) }
    }
}

/// Where a run in this state is counted. The sort time is the database's own rule: started, else expected, else made.
pub(crate) fn place(state: &State, ledger: &Ledger, created: Timestamp) -> Place {
    Place {
        state_type: state.state_type,
        state_name: state.name.clone(),
        sort_time: ledger.start_time.or(ledger.expected_start_time).unwrap_or(created),
    }
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
