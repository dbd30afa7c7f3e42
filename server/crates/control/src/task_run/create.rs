//! Creates a task run, or finds the one with the same keys. Older clients do this for every task run, all clients for subflows.

use engine::{decision::TaskRunChange, facts::TaskRunFacts, transition::Proposal};
use model::{
    id::{FlowRunId, TaskRunId},
    label::Labels,
    permission::WriteRuns,
    state::StateType,
    task_run::{TaskRun, TaskRunCreate},
};
use store::{
    Change, Tenant, Tx, Write,
    counter::{self, RunKind},
    flow_run::LOCK_PARENT_FLOW_RUN,
    state::{INSERT_TASK_RUN_STATES, TaskRunStateRow},
    task_run::{
        BACKGROUND_TASK_RUN_BY_KEYS, INSERT_TASK_RUN, INSERT_TASK_RUN_TAGS, TASK_RUN, TASK_RUN_BY_KEYS, TaskRunRow,
        TaskRunTagRow,
    },
    tx::ScopedTx,
};

use super::transition::{CounterKey, counter_cell};
use crate::{
    Cx, Error, Result, access::Workspace, artifact, flow::Upserted, flow_run::merge_labels, run_name::random_run_name,
    write_context::WriteContext,
};

/// Creates a task run in the state that the client sends, by default PENDING.
///
/// # Errors
/// [`Error::NotFound`] if its flow run does not exist.
pub async fn create(cx: &Cx, ws: Workspace<WriteRuns>, create: TaskRunCreate) -> Result<Upserted<TaskRun>> {
    let context = WriteContext::of(cx);
    let id = create.id.unwrap_or_else(|| context.ids.make(context.now));
    let name = create.name.clone().map_or_else(|| random_run_name(&context.ids), String::from);
    let write = CreateTaskRun { tenant: *ws.tenant(), id, name, create, context };
    let now = write.context.now;
    let run = cx.db.write(write).await?;
    Ok(Upserted { value: run.value.at(now), inserted: run.inserted })
}

struct CreateTaskRun {
    tenant: Tenant,
    id: TaskRunId,
    name: String,
    create: TaskRunCreate,
    context: WriteContext,
}

impl Write for CreateTaskRun {
    type Out = Upserted<TaskRun>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Upserted<TaskRun>> {
        let mut tx = tx.of(&self.tenant);
        let (counter_key, labels) = self.lock_parent(&mut tx).await?;
        if let Some(id) = self.find_by_keys(&mut tx).await? {
            let row = tx.one(&TASK_RUN, (id,)).await?;
            return Ok(Upserted { value: row.into(), inserted: false });
        }
        let change = self.first_state();
        let row = self.row(labels, &change);
        if tx.insert(&INSERT_TASK_RUN, &[row]).await? == 0 {
            // No run has these keys, so another one has the id.
            return Err(Error::Conflict("A task run with this id already exists.".to_owned()));
        }
        let state = TaskRunStateRow::new(self.id, &change.state);
        tx.insert(&INSERT_TASK_RUN_STATES, std::slice::from_ref(&state)).await?;
        artifact::insert_result(&mut tx, &change.result, state.state, self.create.flow_run_id, self.id).await?;
        tx.insert(&INSERT_TASK_RUN_TAGS, &TaskRunTagRow::of(self.id, &self.create.tags)).await?;
        let row = tx.one(&TASK_RUN, (self.id,)).await?;
        let to = counter_cell(&change.state, &change.times, self.context.now);
        let delta = counter_key.delta(RunKind::TaskRun, None, Some(to));
        counter::apply(&mut tx, &[delta]).await?;
        let (task_run, flow_run) = (self.id, self.create.flow_run_id);
        tx.publish(Change::TaskRun { workspace: tx.workspace(), task_run, flow_run });
        Ok(Upserted { value: row.into(), inserted: true })
    }
}

impl CreateTaskRun {
    /// Locks the flow run, so that of two calls with the same keys the second one finds the run of the first. Returns its counter key and
    /// its labels.
    async fn lock_parent(&self, tx: &mut ScopedTx<'_>) -> Result<(CounterKey, Labels)> {
        let Some(flow_run) = self.create.flow_run_id else { return Ok((CounterKey::BACKGROUND, Labels::new())) };
        let found = tx.optional(&LOCK_PARENT_FLOW_RUN, (flow_run,)).await?;
        let parent = found.ok_or(Error::not_found("Flow run", flow_run))?;
        let counter_key = CounterKey { flow_id: parent.flow_id, deployment_id: parent.deployment_id };
        Ok((counter_key, parent.labels))
    }

    async fn find_by_keys(&self, tx: &mut ScopedTx<'_>) -> Result<Option<TaskRunId>> {
        let (task_key, dynamic_key) = (self.create.task_key.as_str(), self.create.dynamic_key.as_str());
        let found = match self.create.flow_run_id {
            Some(flow_run) => tx.optional(&TASK_RUN_BY_KEYS, (flow_run, task_key, dynamic_key)).await?,
            None => tx.optional(&BACKGROUND_TASK_RUN_BY_KEYS, (task_key, dynamic_key)).await?,
        };
        Ok(found.map(|(id,)| id))
    }

    fn first_state(&self) -> TaskRunChange {
        let first = self.create.state.clone();
        let pending = || Proposal::of(StateType::Pending);
        let proposal = first.map_or_else(pending, |state| Proposal::from_client(state, self.context.now));
        let facts = TaskRunFacts {
            empirical_policy: self.create.empirical_policy.clone(),
            ..TaskRunFacts::created(self.id, self.create.flow_run_id)
        };
        engine::bookkeeping::task::enter(facts, proposal, self.context.decision())
    }

    fn row(&self, parent: Labels, change: &TaskRunChange) -> TaskRunRow {
        let create = self.create.clone();
        let TaskRunChange { state, times, flow_run_run_count, .. } = change.clone();
        TaskRunRow {
            id: self.id,
            name: self.name.clone(),
            flow_run_id: create.flow_run_id,
            task_key: create.task_key.into(),
            dynamic_key: create.dynamic_key.into(),
            cache_key: create.cache_key,
            cache_expiration: create.cache_expiration,
            task_version: create.task_version,
            empirical_policy: create.empirical_policy,
            task_inputs: create.task_inputs,
            tags: create.tags,
            labels: labels(parent, create.flow_run_id, create.labels),
            state_id: Some(state.id),
            state_type: Some(state.state_type),
            state_name: Some(state.name),
            state_timestamp: Some(state.timestamp),
            flow_run_run_count,
            times,
            created: self.context.now,
            updated: self.context.now,
        }
    }
}

/// The labels of a task run: those of its flow run, the flow run's id, and the client's own.
pub(crate) fn labels(parent: Labels, flow_run: Option<FlowRunId>, clients: Labels) -> Labels {
    match flow_run {
        Some(flow_run) => merge_labels(parent, ("prefect.flow-run.id", &flow_run.to_string()), clients),
        None => clients,
    }
}
