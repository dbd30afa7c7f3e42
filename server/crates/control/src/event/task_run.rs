//! Records the task run states of a batch of events: loads all stored rows, applies the transitions in memory, and writes all changed rows.
//! The client has orchestrated these task runs, so the engine's rules do not apply.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use engine::recorder::{RecordedRun, RecordedTransition};
use model::{
    id::{FlowRunId, TaskRunId},
    label::Labels,
    run::RunTimes,
    state::State,
    time::Timestamp,
};
use store::{
    Change,
    column::Json,
    counter::{CounterDelta, RunKind},
    flow_run::{LOCK_PARENT_FLOW_RUNS, ParentFlowRunRow},
    state::{INSERT_TASK_RUN_STATES, TaskRunStateRow},
    task_run::{
        DELETE_TASK_RUN_TAGS, INSERT_TASK_RUN, INSERT_TASK_RUN_TAGS, LOCK_TASK_RUNS, SUBFLOW_TASK_RUNS,
        TASK_RUNS_BY_KEYS, TaskRunRow, TaskRunTagRow, UPSERT_TASK_RUNS,
    },
    tx::ScopedTx,
};

use crate::{
    Result,
    task_run::{CounterKey, counter_cell_of, labels},
};

/// The task runs of a batch.
pub(super) struct Batch {
    /// Their flow runs that exist; `None` is the parent of background tasks.
    parents: BTreeMap<Option<FlowRunId>, Parent>,
    /// The task run with these keys; an event may have another id for it.
    keys: BTreeMap<Keys, TaskRunId>,
    runs: BTreeMap<TaskRunId, BatchRun>,
    /// Task runs of subflows: their state is the subflow's.
    subflow_task_runs: BTreeSet<TaskRunId>,
    states: Vec<TaskRunStateRow>,
}

type Keys = (FlowRunId, String, String);

struct Parent {
    counter_key: CounterKey,
    labels: Labels,
}

/// A task run's row as it is stored, if it is, and with the transitions applied.
struct BatchRun {
    stored: Option<TaskRunRow>,
    updated: TaskRunRow,
}

impl Batch {
    /// Locks the flow runs and the task runs of these transitions, in the order in which every write locks them.
    pub(super) async fn load(tx: &mut ScopedTx<'_>, transitions: &[RecordedTransition]) -> Result<Self> {
        let flow_runs: BTreeSet<FlowRunId> =
            transitions.iter().filter_map(|transition| transition.flow_run_id).collect();
        let flow_runs = tx.all(&LOCK_PARENT_FLOW_RUNS, (Json(Vec::from_iter(flow_runs)),)).await?;
        let keys: Vec<Keys> = transitions.iter().filter_map(keys_of).collect();
        let stored = tx.all(&TASK_RUNS_BY_KEYS, (Json(keys),)).await?;
        let keys: BTreeMap<Keys, TaskRunId> =
            stored.into_iter().map(|(id, flow_run, task, dynamic)| ((flow_run, task, dynamic), id)).collect();
        let ids: BTreeSet<TaskRunId> =
            transitions.iter().map(|transition| transition.task_run_id).chain(keys.values().copied()).collect();
        let ids = Vec::from_iter(ids);
        let stored = tx.all(&LOCK_TASK_RUNS, (Json(ids.clone()),)).await?;
        // Queried after the lock, so that a subflow that was created before it is seen.
        let subflow_task_runs = tx.all(&SUBFLOW_TASK_RUNS, (Json(ids),)).await?;
        Ok(Self {
            parents: flow_runs.into_iter().map(Parent::flow_run).chain([Parent::background()]).collect(),
            keys,
            runs: stored
                .into_iter()
                .map(|row| (row.id, BatchRun { updated: row.clone(), stored: Some(row) }))
                .collect(),
            subflow_task_runs: subflow_task_runs.into_iter().map(|(id,)| id).collect(),
            states: Vec::new(),
        })
    }

    /// Applies a transition: adds the state to the history, and sets the run to it unless the run has a newer one.
    pub(super) fn apply(&mut self, transition: &RecordedTransition, now: Timestamp) {
        // If the flow run has been deleted, its task runs are not needed any more.
        let Some(parent) = self.parents.get(&transition.flow_run_id) else { return };
        let keys = keys_of(transition);
        // If a run with the same keys exists under another id, the transition is that run's.
        let id = keys.as_ref().and_then(|keys| self.keys.get(keys)).copied().unwrap_or(transition.task_run_id);
        if self.subflow_task_runs.contains(&id) {
            return;
        }
        let run = match self.runs.entry(id) {
            Entry::Occupied(run) => run.into_mut(),
            Entry::Vacant(free) => {
                self.keys.extend(keys.map(|keys| (keys, id)));
                free.insert(BatchRun { stored: None, updated: new_row(id, transition, parent, now) })
            }
        };
        // The id belongs to a task run of another flow run, which is not locked and which this event must not change.
        if run.updated.flow_run_id != transition.flow_run_id {
            return;
        }
        let transition = transition.clone().for_task_run(id);
        self.states.push(TaskRunStateRow::new(id, &transition.state));
        if transition.is_newer_than(run.updated.state_timestamp) {
            run.updated = merged_row(run.updated.clone(), transition.run, &transition.state, now);
        }
    }

    /// Writes the states and all changed rows. Returns the changes of the counters, which the caller applies at the end of the write.
    pub(super) async fn write(mut self, tx: &mut ScopedTx<'_>) -> Result<Vec<CounterDelta>> {
        let deltas = self.runs.values().filter(|run| run.has_changed()).map(|run| self.counter_delta(run)).collect();
        let (inserted, existing): (Vec<&BatchRun>, Vec<&BatchRun>) =
            self.runs.values().filter(|run| run.has_changed()).partition(|run| run.stored.is_none());
        let retagged: Vec<&BatchRun> = existing.iter().copied().filter(|run| run.is_retagged()).collect();
        let rows = |runs: &[&BatchRun]| -> Vec<TaskRunRow> { runs.iter().map(|run| run.updated.clone()).collect() };
        if tx.insert(&INSERT_TASK_RUN, &rows(&inserted)).await? < inserted.len() as u64 {
            // Another connection has inserted one of them after `load`.
            tx.conflict::<()>()?;
        }
        tx.insert(&UPSERT_TASK_RUNS, &rows(&existing)).await?;
        if !retagged.is_empty() {
            let ids: Vec<TaskRunId> = retagged.iter().map(|run| run.updated.id).collect();
            tx.run(&DELETE_TASK_RUN_TAGS, (Json(ids),)).await?;
        }
        let tagged = inserted.iter().chain(&retagged);
        let tags: Vec<_> = tagged.flat_map(|run| TaskRunTagRow::of(run.updated.id, &run.updated.tags)).collect();
        tx.insert(&INSERT_TASK_RUN_TAGS, &tags).await?;
        self.states.sort_by_key(|row| row.state.id);
        tx.insert(&INSERT_TASK_RUN_STATES, &self.states).await?;
        let changed: BTreeSet<TaskRunId> = self.states.iter().map(|state| state.task_run_id).collect();
        for task_run in changed {
            let flow_run = self.runs[&task_run].updated.flow_run_id;
            tx.publish(Change::TaskRun { workspace: tx.workspace(), task_run, flow_run });
        }
        Ok(deltas)
    }

    fn counter_delta(&self, run: &BatchRun) -> CounterDelta {
        let counter_key =
            self.parents.get(&run.updated.flow_run_id).map_or(CounterKey::BACKGROUND, |parent| parent.counter_key);
        counter_key.delta(
            RunKind::TaskRun,
            run.stored.as_ref().and_then(counter_cell_of),
            counter_cell_of(&run.updated),
        )
    }
}

impl Parent {
    fn background() -> (Option<FlowRunId>, Self) {
        (None, Self { counter_key: CounterKey::BACKGROUND, labels: Labels::new() })
    }

    fn flow_run(row: ParentFlowRunRow) -> (Option<FlowRunId>, Self) {
        let counter_key = CounterKey { flow_id: row.flow_id, deployment_id: row.deployment_id };
        (Some(row.id), Self { counter_key, labels: row.labels })
    }
}

impl BatchRun {
    fn has_changed(&self) -> bool {
        self.stored.as_ref() != Some(&self.updated)
    }

    fn is_retagged(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.tags != self.updated.tags)
    }
}

fn keys_of(transition: &RecordedTransition) -> Option<Keys> {
    transition.natural_key().map(|(flow_run, task, dynamic)| (flow_run, task.to_owned(), dynamic.to_owned()))
}

/// A new row, before the first transition is applied.
fn new_row(id: TaskRunId, transition: &RecordedTransition, parent: &Parent, now: Timestamp) -> TaskRunRow {
    let RecordedRun { task_key, dynamic_key, labels: clients, .. } = &transition.run;
    TaskRunRow {
        id,
        name: String::new(),
        flow_run_id: transition.flow_run_id,
        task_key: task_key.to_string(),
        dynamic_key: dynamic_key.to_string(),
        cache_key: None,
        cache_expiration: None,
        task_version: None,
        empirical_policy: Default::default(),
        task_inputs: Default::default(),
        tags: Default::default(),
        labels: labels(parent.labels.clone(), transition.flow_run_id, clients.clone().unwrap_or_default()),
        state_id: None,
        state_type: None,
        state_name: None,
        state_timestamp: None,
        flow_run_run_count: 0,
        times: RunTimes::default(),
        created: now,
        updated: now,
    }
}

/// The row with the fields of an event merged in. Labels stay, since the server has merged its own into them.
fn merged_row(row: TaskRunRow, run: RecordedRun, state: &State, now: Timestamp) -> TaskRunRow {
    TaskRunRow {
        name: run.name.map_or(row.name, String::from),
        cache_key: run.cache_key.unwrap_or(row.cache_key),
        cache_expiration: run.cache_expiration.unwrap_or(row.cache_expiration),
        task_version: run.task_version.unwrap_or(row.task_version),
        empirical_policy: run.empirical_policy.unwrap_or(row.empirical_policy),
        task_inputs: run.task_inputs.unwrap_or(row.task_inputs),
        tags: run.tags.unwrap_or(row.tags),
        state_id: Some(state.id),
        state_type: Some(state.state_type),
        state_name: Some(state.name.clone()),
        state_timestamp: Some(state.timestamp),
        flow_run_run_count: run.flow_run_run_count.unwrap_or(row.flow_run_run_count),
        times: RunTimes {
            run_count: run.run_count.unwrap_or(row.times.run_count),
            expected_start_time: run.expected_start_time.unwrap_or(row.times.expected_start_time),
            next_scheduled_start_time: run.next_scheduled_start_time.unwrap_or(row.times.next_scheduled_start_time),
            start_time: run.start_time.unwrap_or(row.times.start_time),
            end_time: run.end_time.unwrap_or(row.times.end_time),
            total_run_time: run.total_run_time.unwrap_or(row.times.total_run_time),
        },
        updated: now,
        ..row
    }
}
