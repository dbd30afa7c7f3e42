//! What a batch of events tells of task runs: what is stored is loaded at once, each transition is entered, and what has changed is
//! written at once. The client orchestrated them; nothing is judged here.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use engine::recorder::{RecordedRun, RecordedTransition};
use model::{
    id::{FlowRunId, TaskRunId},
    label::Labels,
    state::State,
    time::{Span, Timestamp},
};
use store::{
    Tenant, Tx,
    column::Json,
    counter::{Move, RunKind},
    flow_run::{ENCLOSING_FLOW_RUNS, EnclosingRow},
    state::{INSERT_TASK_RUN_STATES, TaskRunStateRow},
    task_run::{
        DELETE_TASK_RUN_TAGS, INSERT_TASK_RUN, INSERT_TASK_RUN_TAGS, LOCK_TASK_RUNS, SAVE_TASK_RUNS, STAND_INS,
        TASK_RUNS_BY_KEYS, TaskRunRow,
    },
};

use crate::{
    Result,
    task_run::{Counted, labels, place_of, tag_rows},
};

/// The task runs that a batch tells of.
pub(super) struct Batch {
    /// The flow runs around them that are there; none is around a background task.
    around: BTreeMap<Option<FlowRunId>, Around>,
    /// Which run has these keys, whatever id an event gives it.
    keys: BTreeMap<Keys, TaskRunId>,
    runs: BTreeMap<TaskRunId, Run>,
    /// Runs that stand for a subflow: their state is the subflow's.
    stand_ins: BTreeSet<TaskRunId>,
    states: Vec<TaskRunStateRow>,
}

type Keys = (FlowRunId, String, String);

struct Around {
    counted: Counted,
    labels: Labels,
}

/// A task run as it is stored, if it is, and as it becomes.
struct Run {
    stored: Option<TaskRunRow>,
    becomes: TaskRunRow,
}

/// What a batch has changed.
pub(super) struct Recorded {
    pub task_runs: BTreeSet<(TaskRunId, Option<FlowRunId>)>,
    pub moves: Vec<Move>,
}

impl Batch {
    /// Locks the flow runs and the task runs that these transitions are about, in the order of all locks.
    pub(super) async fn load(tx: &mut Tx<'_>, tenant: &Tenant, transitions: &[RecordedTransition]) -> Result<Self> {
        let mut tx = tx.of(tenant);
        let flow_runs: BTreeSet<FlowRunId> = transitions.iter().filter_map(|told| told.flow_run_id).collect();
        let flow_runs = tx.all(&ENCLOSING_FLOW_RUNS, (Json(Vec::from_iter(flow_runs)),)).await?;
        let keys: Vec<Keys> = transitions.iter().filter_map(keys_of).collect();
        let stored = tx.all(&TASK_RUNS_BY_KEYS, (Json(keys),)).await?;
        let keys: BTreeMap<Keys, TaskRunId> =
            stored.into_iter().map(|(id, flow_run, task, dynamic)| ((flow_run, task, dynamic), id)).collect();
        let ids: BTreeSet<TaskRunId> =
            transitions.iter().map(|told| told.task_run_id).chain(keys.values().copied()).collect();
        let ids = Vec::from_iter(ids);
        let stored = tx.all(&LOCK_TASK_RUNS, (Json(ids.clone()),)).await?;
        // After the lock: a subflow that was made meanwhile is seen.
        let stand_ins = tx.all(&STAND_INS, (Json(ids),)).await?;
        Ok(Self {
            around: flow_runs.into_iter().map(Around::flow_run).chain([Around::nothing()]).collect(),
            keys,
            runs: stored.into_iter().map(|row| (row.id, Run { becomes: row.clone(), stored: Some(row) })).collect(),
            stand_ins: stand_ins.into_iter().map(|(id,)| id).collect(),
            states: Vec::new(),
        })
    }

    /// Enters a transition: the state joins the history, and the run goes there unless it is further already.
    pub(super) fn enter(&mut self, told: &RecordedTransition, now: Timestamp) {
        // The flow run may be deleted meanwhile: then nobody asks for its task runs any more.
        let Some(around) = self.around.get(&told.flow_run_id) else { return };
        let keys = keys_of(told);
        // If a run with the same keys is there under another id, the transition is that run's.
        let id = keys.as_ref().and_then(|keys| self.keys.get(keys)).copied().unwrap_or(told.task_run_id);
        if self.stand_ins.contains(&id) {
            return;
        }
        let run = match self.runs.entry(id) {
            Entry::Occupied(run) => run.into_mut(),
            Entry::Vacant(free) => {
                self.keys.extend(keys.map(|keys| (keys, id)));
                free.insert(Run { stored: None, becomes: unwritten(id, told, around, now) })
            }
        };
        // The id is taken by another flow run's, which is neither locked nor this event's to change.
        if run.becomes.flow_run_id != told.flow_run_id {
            return;
        }
        let told = told.clone().of(id);
        self.states.push(TaskRunStateRow::new(id, &told.state));
        if told.is_newer_than(run.becomes.state_timestamp) {
            run.becomes = written_over(run.becomes.clone(), told.run, &told.state, now);
        }
    }

    /// Writes what was entered.
    pub(super) async fn write(mut self, tx: &mut Tx<'_>, tenant: &Tenant) -> Result<Recorded> {
        let moves = self.runs.values().filter(|run| run.has_changed()).map(|run| self.moved(run)).collect();
        let (new, known): (Vec<&Run>, Vec<&Run>) =
            self.runs.values().filter(|run| run.has_changed()).partition(|run| run.stored.is_none());
        let retagged: Vec<&Run> = known.iter().copied().filter(|run| run.is_retagged()).collect();
        let rows = |runs: &[&Run]| -> Vec<TaskRunRow> { runs.iter().map(|run| run.becomes.clone()).collect() };
        if tx.of(tenant).insert(&INSERT_TASK_RUN, &rows(&new)).await? < new.len() as u64 {
            // Another connection recorded one of them since we looked.
            tx.again::<()>()?;
        }
        let mut tx = tx.of(tenant);
        tx.insert(&SAVE_TASK_RUNS, &rows(&known)).await?;
        if !retagged.is_empty() {
            let ids: Vec<TaskRunId> = retagged.iter().map(|run| run.becomes.id).collect();
            tx.run(&DELETE_TASK_RUN_TAGS, (Json(ids),)).await?;
        }
        let tagged = new.iter().chain(&retagged);
        let tags: Vec<_> = tagged.flat_map(|run| tag_rows(run.becomes.id, &run.becomes.tags.0)).collect();
        tx.insert(&INSERT_TASK_RUN_TAGS, &tags).await?;
        self.states.sort_by_key(|state| state.id);
        tx.insert(&INSERT_TASK_RUN_STATES, &self.states).await?;
        let changed = self.states.iter().map(|state| state.task_run_id);
        let task_runs = changed.map(|id| (id, self.runs[&id].becomes.flow_run_id)).collect();
        Ok(Recorded { task_runs, moves })
    }

    fn moved(&self, run: &Run) -> Move {
        let counted = self.around.get(&run.becomes.flow_run_id).map_or(Counted::BACKGROUND, |around| around.counted);
        counted.moved(RunKind::TaskRun, run.stored.as_ref().and_then(place_of), place_of(&run.becomes))
    }
}

impl Around {
    fn nothing() -> (Option<FlowRunId>, Self) {
        (None, Self { counted: Counted::BACKGROUND, labels: Labels::new() })
    }

    fn flow_run(row: EnclosingRow) -> (Option<FlowRunId>, Self) {
        let counted = Counted { flow_id: row.flow_id, deployment_id: row.deployment_id };
        (Some(row.id), Self { counted, labels: row.labels.0 })
    }
}

impl Run {
    fn has_changed(&self) -> bool {
        self.stored.as_ref() != Some(&self.becomes)
    }

    fn is_retagged(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.tags != self.becomes.tags)
    }
}

fn keys_of(told: &RecordedTransition) -> Option<Keys> {
    told.natural_key().map(|(flow_run, task, dynamic)| (flow_run, task.to_owned(), dynamic.to_owned()))
}

/// A row that nothing was told of yet.
fn unwritten(id: TaskRunId, told: &RecordedTransition, around: &Around, now: Timestamp) -> TaskRunRow {
    let RecordedRun { task_key, dynamic_key, labels: clients, .. } = &told.run;
    TaskRunRow {
        id,
        name: String::new(),
        flow_run_id: told.flow_run_id,
        task_key: task_key.to_string(),
        dynamic_key: dynamic_key.to_string(),
        cache_key: None,
        cache_expiration: None,
        task_version: None,
        empirical_policy: Json::default(),
        task_inputs: Json::default(),
        tags: Json::default(),
        labels: Json(labels(around.labels.clone(), told.flow_run_id, clients.clone().unwrap_or_default())),
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
    }
}

/// The row with what an event tells written over it; labels stay, since the server has merged its own into them.
fn written_over(row: TaskRunRow, run: RecordedRun, state: &State, now: Timestamp) -> TaskRunRow {
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
