//! A decided transition of a task run, written; and the two that follow from a flow run's own.

use engine::{
    decide_task,
    decision::{Decision, TaskRunChange},
    facts::{EnclosingFlowRun, Ledger, TaskRunFacts},
    policy::TaskPolicy,
};
use model::{
    id::{FlowRunId, TaskRunId},
    state::{State, StateDetails},
    time::Timestamp,
};
use store::{
    Tenant, Tx,
    counter::{Move, Place, RunKind},
    flow_run::ENCLOSING_HEAD,
    row::Beside,
    state::{INSERT_TASK_RUN_STATES, TaskRunStateRow},
    task_run::{
        LOCK_FAILED_TASK_RUNS, LOCK_TASK_RUN, MOVE_TASK_RUN, SAVE_TASK_RUNS, TASK_RUN_HEAD, TaskRunHead,
        TaskRunProgress, TaskRunRow,
    },
};

pub(crate) use crate::flow_run::{Counted, place};
use crate::{Result, flow_run::sort_time, stamp::Stamp};

/// Where a task run is counted as its row stands; nowhere before it has a state.
pub(crate) fn place_of(row: &TaskRunRow) -> Option<Place> {
    let (state_type, state_name) = row.state_type.zip(row.state_name.clone())?;
    let sort_time = sort_time(row.start_time, row.expected_start_time, row.created);
    Some(Place { state_type, state_name, sort_time })
}

/// A task run that is locked, as rules and counters see it.
pub(super) struct Locked {
    pub facts: TaskRunFacts,
    pub from: Place,
}

/// Locks a task run; none if it is not there.
pub(super) async fn lock(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    id: TaskRunId,
    around: Option<EnclosingFlowRun>,
) -> Result<Option<Locked>> {
    let mut tx = tx.of(tenant);
    tx.lock(&LOCK_TASK_RUN, (id,)).await?;
    let found = tx.optional(&TASK_RUN_HEAD, (id,)).await?;
    Ok(found.map(|Beside(head, state)| locked(id, head, state.into(), around)))
}

fn locked(id: TaskRunId, head: TaskRunHead, current: State, around: Option<EnclosingFlowRun>) -> Locked {
    let from = Place { state_type: current.state_type, state_name: current.name.clone(), sort_time: head.sort_time };
    let ledger = Ledger {
        run_count: head.run_count,
        start_time: head.start_time,
        end_time: head.end_time,
        total_run_time: head.total_run_time,
        expected_start_time: head.expected_start_time,
        next_scheduled_start_time: head.next_scheduled_start_time,
    };
    let facts = TaskRunFacts {
        id,
        flow_run_id: head.flow_run_id,
        flow_run_run_count: head.flow_run_run_count,
        ledger,
        empirical_policy: head.empirical_policy.0,
        current: Some(current),
        flow_run: around,
    };
    Locked { facts, from }
}

/// Writes what was decided, if anything; the move that it makes is left to be counted at the end of the write.
pub(super) async fn write(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    id: TaskRunId,
    decision: &Decision<TaskRunChange>,
    (counted, from): (Counted, Place),
    now: Timestamp,
) -> Result<Option<Move>> {
    let Some(TaskRunChange { state, ledger, flow_run_run_count }) = decision.change() else { return Ok(None) };
    let mut tx = tx.of(tenant);
    tx.insert(&INSERT_TASK_RUN_STATES, &[TaskRunStateRow::new(id, state)]).await?;
    let progress = TaskRunProgress {
        id,
        state_id: state.id,
        state_type: state.state_type,
        state_name: state.name.clone(),
        state_timestamp: state.timestamp,
        run_count: ledger.run_count,
        flow_run_run_count: *flow_run_run_count,
        expected_start_time: ledger.expected_start_time,
        next_scheduled_start_time: ledger.next_scheduled_start_time,
        start_time: ledger.start_time,
        end_time: ledger.end_time,
        total_run_time: ledger.total_run_time,
        updated: now,
    };
    tx.exactly_one(&MOVE_TASK_RUN, &progress).await?;
    let to = place(state, ledger, from.sort_time);
    Ok(Some(counted.moved(RunKind::TaskRun, Some(from), Some(to))))
}

/// The flow and deployment that a task run of this flow run is counted under.
pub(super) async fn counted_in(tx: &mut Tx<'_>, tenant: &Tenant, flow_run: Option<FlowRunId>) -> Result<Counted> {
    let Some(flow_run) = flow_run else { return Ok(Counted::BACKGROUND) };
    let found = tx.of(tenant).optional(&ENCLOSING_HEAD, (flow_run,)).await?;
    Ok(found.map_or(Counted::BACKGROUND, |(flow_id, deployment_id)| Counted { flow_id, deployment_id }))
}

/// Puts the subflow's state onto the task run that stands for it in the parent's run. Returns the parent's run if there is such a task run.
pub(crate) async fn mirror(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    task_run: TaskRunId,
    state: &State,
    subflow: FlowRunId,
    stamp: &Stamp,
    moves: &mut Vec<Move>,
) -> Result<Option<Option<FlowRunId>>> {
    let Some(Locked { facts, from }) = lock(tx, tenant, task_run, None).await? else { return Ok(None) };
    let flow_run = facts.flow_run_id;
    let counted = counted_in(tx, tenant, flow_run).await?;
    let proposal = engine::mirror(state, subflow);
    let decision =
        decide_task(TaskPolicy::Minimal, facts, proposal, engine::api_version::Client::default(), stamp.moment());
    moves.extend(write(tx, tenant, task_run, &decision, (counted, from), stamp.now).await?);
    Ok(Some(flow_run))
}

/// The most failed task runs that one retry of a flow run sets back: a write is bounded. Those beyond stay as they are until their client
/// starts them again, which counts anew as well.
const MOST_RETRIED: usize = 1_000;

/// Lets every failed task run of a locked flow run wait for the flow run's retry, as old clients expect.
pub(crate) async fn retry_failed(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    flow_run: FlowRunId,
    scheduled_time: Timestamp,
    stamp: &Stamp,
    moves: &mut Vec<Move>,
) -> Result<Vec<TaskRunId>> {
    let counted = counted_in(tx, tenant, Some(flow_run)).await?;
    let mut tx = tx.of(tenant);
    let mut failed = tx.all(&LOCK_FAILED_TASK_RUNS, (flow_run, MOST_RETRIED as i64 + 1)).await?;
    if failed.len() > MOST_RETRIED {
        tracing::warn!(flow_run.id = %flow_run, "only {MOST_RETRIED} of its failed task runs wait for the retry");
        failed.truncate(MOST_RETRIED);
    }
    let (mut states, mut waiting) = (Vec::new(), Vec::new());
    for row in failed {
        let decision = engine::retry_failed_task_run(facts_of(&row), scheduled_time, stamp.moment());
        let Some(change) = decision.change() else { continue };
        states.push(TaskRunStateRow::new(row.id, &change.state));
        let from = place_of(&row);
        let row = changed(row, change, stamp.now);
        moves.push(counted.moved(RunKind::TaskRun, from, place_of(&row)));
        waiting.push(row);
    }
    tx.insert(&INSERT_TASK_RUN_STATES, &states).await?;
    tx.insert(&SAVE_TASK_RUNS, &waiting).await?;
    Ok(waiting.into_iter().map(|row| row.id).collect())
}

/// A task run as its own row tells of it: of its state, what is denormalised there.
fn facts_of(row: &TaskRunRow) -> TaskRunFacts {
    let row = row.clone();
    let state = row.state_id.zip(row.state_type).zip(row.state_timestamp);
    let current = state.map(|((id, state_type), timestamp)| State {
        id,
        state_type,
        name: row.state_name.unwrap_or_default(),
        timestamp,
        message: None,
        data: None,
        state_details: StateDetails::default(),
    });
    let ledger = Ledger {
        run_count: row.run_count,
        start_time: row.start_time,
        end_time: row.end_time,
        total_run_time: row.total_run_time,
        expected_start_time: row.expected_start_time,
        next_scheduled_start_time: row.next_scheduled_start_time,
    };
    TaskRunFacts {
        flow_run_run_count: row.flow_run_run_count,
        ledger,
        empirical_policy: row.empirical_policy.0,
        current,
        ..TaskRunFacts::created(row.id, row.flow_run_id)
    }
}

/// The row after a change.
fn changed(row: TaskRunRow, change: &TaskRunChange, now: Timestamp) -> TaskRunRow {
    let TaskRunChange { state, ledger, flow_run_run_count } = change;
    TaskRunRow {
        state_id: Some(state.id),
        state_type: Some(state.state_type),
        state_name: Some(state.name.clone()),
        state_timestamp: Some(state.timestamp),
        run_count: ledger.run_count,
        flow_run_run_count: *flow_run_run_count,
        expected_start_time: ledger.expected_start_time,
        next_scheduled_start_time: ledger.next_scheduled_start_time,
        start_time: ledger.start_time,
        end_time: ledger.end_time,
        total_run_time: ledger.total_run_time,
        updated: now,
        ..row
    }
}
