//! Makes a task run, or finds the one with the same keys: the older clients' way, and every client's for subflows.

use engine::{decision::TaskRunChange, facts::TaskRunFacts, transition::Proposal};
use model::{
    id::{FlowRunId, TaskRunId},
    label::Labels,
    permission::WriteRuns,
    state::StateType,
    task_run::{TaskRun, TaskRunCreate},
};
use store::{
    Tenant, Tx, Write,
    column::Json,
    counter::{self, RunKind},
    flow_run::ENCLOSING_FLOW_RUN,
    state::{INSERT_TASK_RUN_STATES, TaskRunStateRow},
    task_run::{
        BACKGROUND_TASK_RUN_BY_KEYS, INSERT_TASK_RUN, INSERT_TASK_RUN_TAGS, TASK_RUN, TASK_RUN_BY_KEYS, TaskRunRow,
        TaskRunTagRow,
    },
};

use super::transition::{Counted, place};
use crate::{
    Cx, Error, Result, access::Workspace, bus::Change, flow::Made, flow_run::merge_labels, slug::slug, stamp::Stamp,
};

/// Makes a task run in the state that the client gives, PENDING if it gives none.
///
/// # Errors
/// [`Error::NotFound`] if its flow run is not there.
pub async fn create(cx: &Cx, ws: Workspace<WriteRuns>, create: TaskRunCreate) -> Result<Made<TaskRun>> {
    let stamp = Stamp::of(cx);
    let id = create.id.unwrap_or_else(|| stamp.ids.make(stamp.now));
    let name = create.name.clone().map_or_else(|| slug(&stamp.ids), String::from);
    let write = CreateTaskRun { tenant: *ws.tenant(), id, name, create, stamp };
    let now = write.stamp.now;
    let run = cx.db.write(write).await?;
    if run.new {
        let (task_run, flow_run) = (run.it.id, run.it.flow_run_id);
        cx.bus.tell(Change::TaskRun { workspace: ws.id(), task_run, flow_run });
    }
    Ok(Made { it: run.it.at(now), new: run.new })
}

struct CreateTaskRun {
    tenant: Tenant,
    id: TaskRunId,
    name: String,
    create: TaskRunCreate,
    stamp: Stamp,
}

impl Write for CreateTaskRun {
    type Out = Made<TaskRun>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Made<TaskRun>> {
        let (counted, labels) = self.around(tx).await?;
        if let Some(id) = self.same_keys(tx).await? {
            let row = tx.of(&self.tenant).one(&TASK_RUN, (id,)).await?;
            return Ok(Made { it: row.into(), new: false });
        }
        let change = self.first_state();
        let row = self.row(labels, &change);
        if tx.of(&self.tenant).insert(&INSERT_TASK_RUN, &[row]).await? == 0 {
            // Its keys are free, so it is the id that somebody else has.
            return Err(Error::Conflict("A task run with this id already exists.".to_owned()));
        }
        let state = TaskRunStateRow::new(self.id, &change.state);
        tx.of(&self.tenant).insert(&INSERT_TASK_RUN_STATES, &[state]).await?;
        tx.of(&self.tenant).insert(&INSERT_TASK_RUN_TAGS, &tag_rows(self.id, &self.create.tags)).await?;
        let row = tx.of(&self.tenant).one(&TASK_RUN, (self.id,)).await?;
        let to = place(&change.state, &change.ledger, self.stamp.now);
        let moved = counted.moved(RunKind::TaskRun, None, Some(to));
        counter::count(tx, &self.tenant, &[moved]).await?;
        Ok(Made { it: row.into(), new: true })
    }
}

impl CreateTaskRun {
    /// The flow run around it, locked, so that of two calls with the same keys the second one finds the run of the first.
    async fn around(&self, tx: &mut Tx<'_>) -> Result<(Counted, Labels)> {
        let Some(flow_run) = self.create.flow_run_id else { return Ok((Counted::BACKGROUND, Labels::new())) };
        let found = tx.of(&self.tenant).optional(&ENCLOSING_FLOW_RUN, (flow_run,)).await?;
        let around = found.ok_or(Error::NotFound("Flow run"))?;
        let counted = Counted { flow_id: around.flow_id, deployment_id: around.deployment_id };
        Ok((counted, around.labels.0))
    }

    async fn same_keys(&self, tx: &mut Tx<'_>) -> Result<Option<TaskRunId>> {
        let (task_key, dynamic_key) = (self.create.task_key.as_str(), self.create.dynamic_key.as_str());
        let mut tx = tx.of(&self.tenant);
        let found = match self.create.flow_run_id {
            Some(flow_run) => tx.optional(&TASK_RUN_BY_KEYS, (flow_run, task_key, dynamic_key)).await?,
            None => tx.optional(&BACKGROUND_TASK_RUN_BY_KEYS, (task_key, dynamic_key)).await?,
        };
        Ok(found.map(|(id,)| id))
    }

    fn first_state(&self) -> TaskRunChange {
        let first = self.create.state.clone();
        let pending = || Proposal::of(StateType::Pending);
        let proposal = first.map_or_else(pending, |state| Proposal::from_client(state, self.stamp.now));
        let facts = TaskRunFacts {
            empirical_policy: self.create.empirical_policy.clone(),
            ..TaskRunFacts::created(self.id, self.create.flow_run_id)
        };
        engine::begin_task_run(facts, proposal, self.stamp.moment())
    }

    fn row(&self, around: Labels, change: &TaskRunChange) -> TaskRunRow {
        let create = self.create.clone();
        let TaskRunChange { state, ledger, flow_run_run_count } = change.clone();
        TaskRunRow {
            id: self.id,
            name: self.name.clone(),
            flow_run_id: create.flow_run_id,
            task_key: create.task_key.into(),
            dynamic_key: create.dynamic_key.into(),
            cache_key: create.cache_key,
            cache_expiration: create.cache_expiration,
            task_version: create.task_version,
            empirical_policy: Json(create.empirical_policy),
            task_inputs: Json(create.task_inputs),
            tags: Json(create.tags),
            labels: Json(labels(around, create.flow_run_id, create.labels)),
            state_id: Some(state.id),
            state_type: Some(state.state_type),
            state_name: Some(state.name),
            state_timestamp: Some(state.timestamp),
            run_count: ledger.run_count,
            flow_run_run_count,
            expected_start_time: ledger.expected_start_time,
            next_scheduled_start_time: ledger.next_scheduled_start_time,
            start_time: ledger.start_time,
            end_time: ledger.end_time,
            total_run_time: ledger.total_run_time,
            created: self.stamp.now,
            updated: self.stamp.now,
        }
    }
}

/// The labels of a task run: those of the run around it, that run's id, and the client's own.
pub(crate) fn labels(around: Labels, flow_run: Option<FlowRunId>, clients: Labels) -> Labels {
    match flow_run {
        Some(flow_run) => merge_labels(around, ("prefect.flow-run.id", &flow_run.to_string()), clients),
        None => clients,
    }
}

pub(crate) fn tag_rows(task_run_id: TaskRunId, tags: &[String]) -> Vec<TaskRunTagRow> {
    tags.iter().map(|tag| TaskRunTagRow { task_run_id, tag: tag.clone() }).collect()
}
