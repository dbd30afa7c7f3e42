//! Locks a task run, and writes the transition that the engine has decided. Also the transitions of task runs that follow from those of a
//! flow run.

use engine::{
    decide_task,
    decision::{Decision, TaskRunChange},
    facts::{ParentFlowRun, TaskRunFacts},
    policy::TaskPolicy,
    transition::Proposal,
};
use model::{
    id::{FlowRunId, TaskRunId},
    state::{State, StateDetails},
    time::Timestamp,
};
use store::{
    Change,
    counter::{CounterCell, CounterDelta, RunKind},
    flow_run::PARENT_FLOW_RUN_KEYS,
    row::Joined,
    state::{INSERT_TASK_RUN_STATES, TaskRunStateRow},
    task_run::{
        LOCK_FAILED_TASK_RUNS, LOCK_TASK_RUN, TASK_RUN_FOR_RULES, TaskRunForRules, TaskRunRow, TaskRunStateUpdate,
        UPDATE_TASK_RUN_STATE, UPSERT_TASK_RUNS,
    },
    tx::ScopedTx,
};

pub(crate) use crate::flow_run::{CounterKey, counter_cell};
use crate::{Result, artifact, write_context::WriteContext};

/// The cell in which a task run with this row is counted; none before it has a state.
pub(crate) fn counter_cell_of(row: &TaskRunRow) -> Option<CounterCell> {
    let (state_type, state_name) = row.state_type.zip(row.state_name.clone())?;
    let sort_time = row.times.sort_time(row.created);
    Some(CounterCell { state_type, state_name, sort_time })
}

/// A locked task run: the facts for the rules, and the cell in which it is counted.
pub(super) struct LockedTaskRun {
    pub facts: TaskRunFacts,
    pub from: CounterCell,
}

/// Locks a task run; none if it does not exist.
pub(super) async fn lock(
    tx: &mut ScopedTx<'_>,
    id: TaskRunId,
    parent: Option<ParentFlowRun>,
) -> Result<Option<LockedTaskRun>> {
    tx.lock(&LOCK_TASK_RUN, (id,)).await?;
    let found = tx.optional(&TASK_RUN_FOR_RULES, (id,)).await?;
    Ok(found.map(|Joined(row, state)| locked(id, row, state, parent)))
}

fn locked(id: TaskRunId, row: TaskRunForRules, current: State, parent: Option<ParentFlowRun>) -> LockedTaskRun {
    let from =
        CounterCell { state_type: current.state_type, state_name: current.name.clone(), sort_time: row.sort_time };
    let facts = TaskRunFacts {
        id,
        flow_run_id: row.flow_run_id,
        flow_run_run_count: row.flow_run_run_count,
        times: row.times,
        empirical_policy: row.empirical_policy,
        current: Some(current),
        flow_run: parent,
    };
    LockedTaskRun { facts, from }
}

/// Writes the decision, if it changes the state. Returns the change of the counters, which the caller applies at the end of the write.
pub(super) async fn write(
    tx: &mut ScopedTx<'_>,
    id: TaskRunId,
    flow_run: Option<FlowRunId>,
    decision: &Decision<TaskRunChange>,
    (counter_key, from): (CounterKey, CounterCell),
    now: Timestamp,
) -> Result<Option<CounterDelta>> {
    let Some(TaskRunChange { state, result, times, flow_run_run_count }) = decision.change() else { return Ok(None) };
    let row = TaskRunStateRow::new(id, state);
    tx.insert(&INSERT_TASK_RUN_STATES, std::slice::from_ref(&row)).await?;
    artifact::insert_result(tx, result, row.state, flow_run, id).await?;
    let update = TaskRunStateUpdate {
        id,
        state_id: state.id,
        state_type: state.state_type,
        state_name: state.name.clone(),
        state_timestamp: state.timestamp,
        flow_run_run_count: *flow_run_run_count,
        times: *times,
        updated: now,
    };
    tx.exactly_one(&UPDATE_TASK_RUN_STATE, &update).await?;
    tx.publish(Change::TaskRun { workspace: tx.workspace(), task_run: id, flow_run });
    let to = counter_cell(state, times, from.sort_time);
    Ok(Some(counter_key.delta(RunKind::TaskRun, Some(from), Some(to))))
}

/// The counter key of task runs of this flow run.
pub(super) async fn counter_key_in(tx: &mut ScopedTx<'_>, flow_run: Option<FlowRunId>) -> Result<CounterKey> {
    let Some(flow_run) = flow_run else { return Ok(CounterKey::BACKGROUND) };
    let found = tx.optional(&PARENT_FLOW_RUN_KEYS, (flow_run,)).await?;
    Ok(found.map_or(CounterKey::BACKGROUND, |(flow_id, deployment_id)| CounterKey { flow_id, deployment_id }))
}

/// Copies a subflow's state to its task run in the parent flow run, if that exists.
pub(crate) async fn mirror(
    tx: &mut ScopedTx<'_>,
    task_run: TaskRunId,
    state: &State,
    subflow: FlowRunId,
    context: &WriteContext,
    deltas: &mut Vec<CounterDelta>,
) -> Result<()> {
    let Some(LockedTaskRun { facts, from }) = lock(tx, task_run, None).await? else { return Ok(()) };
    let flow_run = facts.flow_run_id;
    let counter_key = counter_key_in(tx, flow_run).await?;
    let proposal = Proposal::mirroring(state, subflow);
    let decision =
        decide_task(TaskPolicy::Minimal, facts, proposal, engine::api_version::Client::default(), context.decision());
    deltas.extend(write(tx, task_run, flow_run, &decision, (counter_key, from), context.now).await?);
    Ok(())
}

/// The most failed task runs that one retry of a flow run reschedules, since the size of a write must be bounded. The others stay failed
/// until the client starts them again, which resets their run count as well.
const MAX_RETRIED: usize = 1_000;

/// Reschedules every failed task run of a locked flow run for the flow run's retry, as old clients expect.
pub(crate) async fn retry_failed(
    tx: &mut ScopedTx<'_>,
    flow_run: FlowRunId,
    scheduled_time: Timestamp,
    context: &WriteContext,
    deltas: &mut Vec<CounterDelta>,
) -> Result<()> {
    let counter_key = counter_key_in(tx, Some(flow_run)).await?;
    let mut failed = tx.all(&LOCK_FAILED_TASK_RUNS, (flow_run, MAX_RETRIED as i64 + 1)).await?;
    if failed.len() > MAX_RETRIED {
        tracing::warn!(flow_run.id = %flow_run, "rescheduled only {MAX_RETRIED} of the failed task runs for the retry");
        failed.truncate(MAX_RETRIED);
    }
    let (mut states, mut rescheduled) = (Vec::new(), Vec::new());
    for row in failed {
        let decision = engine::retry_failed_task_run(facts_of(&row), scheduled_time, context.decision());
        let Some(change) = decision.change() else { continue };
        states.push(TaskRunStateRow::new(row.id, &change.state));
        let from = counter_cell_of(&row);
        let row = changed(row, change, context.now);
        deltas.push(counter_key.delta(RunKind::TaskRun, from, counter_cell_of(&row)));
        rescheduled.push(row);
    }
    tx.insert(&INSERT_TASK_RUN_STATES, &states).await?;
    tx.insert(&UPSERT_TASK_RUNS, &rescheduled).await?;
    for row in rescheduled {
        tx.publish(Change::TaskRun { workspace: tx.workspace(), task_run: row.id, flow_run: Some(flow_run) });
    }
    Ok(())
}

/// The facts that a task run's own row has: of its state only the denormalized columns.
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
    TaskRunFacts {
        flow_run_run_count: row.flow_run_run_count,
        times: row.times,
        empirical_policy: row.empirical_policy,
        current,
        ..TaskRunFacts::created(row.id, row.flow_run_id)
    }
}

/// The row after a change.
fn changed(row: TaskRunRow, change: &TaskRunChange, now: Timestamp) -> TaskRunRow {
    let TaskRunChange { state, times, flow_run_run_count, .. } = change;
    TaskRunRow {
        state_id: Some(state.id),
        state_type: Some(state.state_type),
        state_name: Some(state.name.clone()),
        state_timestamp: Some(state.timestamp),
        flow_run_run_count: *flow_run_run_count,
        times: *times,
        updated: now,
        ..row
    }
}
