//! Records one transition of a task run that an event told of. The client orchestrated it; nothing is judged here.

use engine::{
    facts::Ledger,
    recorder::{RecordedRun, RecordedTransition},
};
use model::{
    id::{FlowRunId, TaskRunId},
    label::Labels,
    state::State,
    time::{Span, Timestamp},
};
use store::{
    Tenant, Tx,
    column::Json,
    counter::{Move, Place},
    flow_run::EnclosingRow,
    state::{INSERT_TASK_RUN_STATES, TaskRunStateRow},
    task_run::{
        DELETE_TASK_RUN_TAGS, INSERT_TASK_RUN, INSERT_TASK_RUN_TAGS, LOCK_TASK_RUN_ROW, RECORD_TASK_RUN,
        TASK_RUN_BY_KEYS, TaskRunRow,
    },
};

use crate::{
    Result,
    task_run::{Counted, labels, place, tag_rows},
};

/// What is around the task runs of one flow run.
pub(super) struct Around {
    flow_run: Option<FlowRunId>,
    counted: Counted,
    labels: Labels,
}

impl Around {
    /// A background task's surroundings.
    pub(super) fn nothing() -> Self {
        Self { flow_run: None, counted: Counted::BACKGROUND, labels: Labels::new() }
    }

    pub(super) fn flow_run(id: FlowRunId, row: EnclosingRow) -> Self {
        let counted = Counted { flow_id: row.flow_id, deployment_id: row.deployment_id };
        Self { flow_run: Some(id), counted, labels: row.labels.0 }
    }
}

/// Records a transition: the state joins the history once, and the run goes there unless it is further already.
pub(super) async fn record(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    transition: RecordedTransition,
    around: &Around,
    now: Timestamp,
) -> Result<(TaskRunId, Option<Move>)> {
    let transition = under_stored_id(tx, tenant, transition).await?;
    let id = transition.task_run_id;
    let before = tx.of(tenant).optional(&LOCK_TASK_RUN_ROW, (id,)).await?;
    let moved = match before {
        None => Some(insert(tx, tenant, &transition, around, now).await?),
        Some(before) if transition.is_newer_than(before.state_timestamp) => {
            Some(update(tx, tenant, &transition, around, before, now).await?)
        }
        Some(_) => None,
    };
    tx.of(tenant).insert(&INSERT_TASK_RUN_STATES, &[TaskRunStateRow::new(id, &transition.state)]).await?;
    Ok((id, moved))
}

/// If a run with the same keys is stored under another id, the transition is that run's.
async fn under_stored_id(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    transition: RecordedTransition,
) -> Result<RecordedTransition> {
    let Some(key) = transition.natural_key() else { return Ok(transition) };
    let stored = tx.of(tenant).optional(&TASK_RUN_BY_KEYS, key).await?;
    Ok(match stored {
        Some((id,)) => transition.of(id),
        None => transition,
    })
}

async fn insert(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    transition: &RecordedTransition,
    around: &Around,
    now: Timestamp,
) -> Result<Move> {
    let run = transition.run.clone();
    let clients_labels = run.labels.clone().unwrap_or_default();
    let empty = TaskRunRow {
        id: transition.task_run_id,
        name: String::new(),
        flow_run_id: around.flow_run,
        task_key: run.task_key.to_string(),
        dynamic_key: run.dynamic_key.to_string(),
        cache_key: None,
        cache_expiration: None,
        task_version: None,
        empirical_policy: Json::default(),
        task_inputs: Json::default(),
        tags: Json::default(),
        labels: Json(labels(around.labels.clone(), around.flow_run, clients_labels)),
        state_id: None,
        state_type: None,
        state_name: None,
        state_timestamp: None,
        run_count: 0,
        flow_run_run_count: 0,
        expected_start_time: None,
        next_scheduled_start_time: None,
        start_time: None,
        end_time: None,
        total_run_time: Span::ZERO,
        created: now,
        updated: now,
    };
    let row = told(empty, run, &transition.state, now);
    if tx.of(tenant).insert(&INSERT_TASK_RUN, std::slice::from_ref(&row)).await? == 0 {
        // Another connection recorded the run since we looked.
        tx.again::<()>()?;
    }
    tx.of(tenant).insert(&INSERT_TASK_RUN_TAGS, &tag_rows(row.id, &row.tags.0)).await?;
    Ok(around.counted.moved(None, place_of(&row, &transition.state)))
}

async fn update(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    transition: &RecordedTransition,
    around: &Around,
    before: TaskRunRow,
    now: Timestamp,
) -> Result<Move> {
    let from = before.state_type.zip(before.state_name.clone()).map(|(state_type, state_name)| Place {
        state_type,
        state_name,
        sort_time: sort_time(&before),
    });
    let row = told(before.clone(), transition.run.clone(), &transition.state, now);
    if row.tags != before.tags {
        tx.of(tenant).run(&DELETE_TASK_RUN_TAGS, (row.id,)).await?;
        tx.of(tenant).insert(&INSERT_TASK_RUN_TAGS, &tag_rows(row.id, &row.tags.0)).await?;
    }
    tx.of(tenant).exactly_one(&RECORD_TASK_RUN, &row).await?;
    Ok(around.counted.moved(from, place_of(&row, &transition.state)))
}

/// The row with what the event tells written over it; labels stay, since the server has merged its own into them.
fn told(row: TaskRunRow, run: RecordedRun, state: &State, now: Timestamp) -> TaskRunRow {
    TaskRunRow {
        name: run.name.map_or(row.name, String::from),
        cache_key: run.cache_key.unwrap_or(row.cache_key),
        cache_expiration: run.cache_expiration.unwrap_or(row.cache_expiration),
        task_version: run.task_version.unwrap_or(row.task_version),
        empirical_policy: run.empirical_policy.map_or(row.empirical_policy, Json),
        task_inputs: run.task_inputs.map_or(row.task_inputs, Json),
        tags: run.tags.map_or(row.tags, Json),
        state_id: Some(state.id),
        state_type: Some(state.state_type),
        state_name: Some(state.name.clone()),
        state_timestamp: Some(state.timestamp),
        run_count: run.run_count.unwrap_or(row.run_count),
        flow_run_run_count: run.flow_run_run_count.unwrap_or(row.flow_run_run_count),
        expected_start_time: run.expected_start_time.unwrap_or(row.expected_start_time),
        next_scheduled_start_time: run.next_scheduled_start_time.unwrap_or(row.next_scheduled_start_time),
        start_time: run.start_time.unwrap_or(row.start_time),
        end_time: run.end_time.unwrap_or(row.end_time),
        total_run_time: run.total_run_time.unwrap_or(row.total_run_time),
        updated: now,
        ..row
    }
}

fn sort_time(row: &TaskRunRow) -> Timestamp {
    row.start_time.or(row.expected_start_time).unwrap_or(row.created)
}

fn place_of(row: &TaskRunRow, state: &State) -> Place {
    let ledger =
        Ledger { start_time: row.start_time, expected_start_time: row.expected_start_time, ..Ledger::default() };
    place(state, &ledger, row.created)
}
