//! Makes a flow run, or finds the one that was made with the same idempotency key.

use std::collections::BTreeMap;

use engine::{api_version::Client, decision::FlowRunChange, facts::FlowRunFacts, transition::Proposal};
use model::{
    flow_run::{FlowRun, FlowRunCreate},
    id::{FlowId, FlowRunId, TaskRunId},
    label::{LabelValue, Labels},
    permission::WriteRuns,
    state::StateType,
};
use store::{
    Tenant, Tx, Write,
    block::BLOCK_DOCUMENT,
    column::Json,
    counter::{self, RunKind},
    flow::FLOW_LABELS,
    flow_run::{FLOW_RUN, FLOW_RUN_BY_KEY, FlowRunRow, FlowRunTagRow, INSERT_FLOW_RUN, INSERT_FLOW_RUN_TAGS},
    state::{FlowRunStateRow, INSERT_FLOW_RUN_STATES},
    task_run::FLOW_RUN_OF_TASK_RUN,
};

use super::transition::{self, Counted};
use crate::{Cx, Error, Result, access::Workspace, bus::Change, flow::Made, slug::slug, stamp::Stamp, task_run};

/// Makes a flow run in the state that the client gives, PENDING if it gives none.
///
/// # Errors
/// [`Error::NotFound`] if what the run refers to is not there.
pub async fn create(cx: &Cx, ws: Workspace<WriteRuns>, create: FlowRunCreate, client: Client) -> Result<Made<FlowRun>> {
    refuse_what_is_not_there(&create)?;
    let stamp = Stamp::of(cx);
    let name = create.name.clone().map_or_else(|| slug(&stamp.ids), String::from);
    let write = CreateFlowRun { tenant: *ws.tenant(), id: stamp.ids.make(stamp.now), name, create, client, stamp };
    let now = write.stamp.now;
    let Created { run, parent } = cx.db.write(write).await?;
    if run.new {
        cx.bus.tell(Change::FlowRun { workspace: ws.id(), flow_run: run.it.id });
    }
    if let Some((task_run, flow_run)) = parent {
        cx.bus.tell(Change::TaskRun { workspace: ws.id(), task_run, flow_run });
    }
    Ok(Made { it: run.it.at(now), new: run.new })
}

/// Deployments and work pools are not built yet, so whatever a run names of them is not there.
fn refuse_what_is_not_there(create: &FlowRunCreate) -> Result<()> {
    if create.deployment_id.is_some() {
        return Err(Error::NotFound("Deployment"));
    }
    if create.work_pool_name.is_some() || create.work_queue_name.is_some() {
        return Err(Error::NotFound("Work pool"));
    }
    Ok(())
}

struct CreateFlowRun {
    tenant: Tenant,
    id: FlowRunId,
    name: String,
    create: FlowRunCreate,
    client: Client,
    stamp: Stamp,
}

struct Created {
    run: Made<FlowRun>,
    /// The task run in the parent's run that changed with it, and the run it belongs to.
    parent: Option<(TaskRunId, Option<FlowRunId>)>,
}

impl Write for CreateFlowRun {
    type Out = Created;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Created> {
        let create = &self.create;
        let flow = tx.of(&self.tenant).optional(&FLOW_LABELS, (create.flow_id,)).await?;
        let (flow_id, flow_labels) = flow.ok_or(Error::NotFound("Flow"))?;
        if let Some(key) = &create.idempotency_key {
            let there = tx.of(&self.tenant).optional(&FLOW_RUN_BY_KEY, (flow_id, key.as_str())).await?;
            if let Some((id,)) = there {
                return self.found(tx, id, false, None).await;
            }
        }
        if let Some(parent) = create.parent_task_run_id {
            let there = tx.of(&self.tenant).optional(&FLOW_RUN_OF_TASK_RUN, (parent,)).await?;
            there.ok_or(Error::NotFound("Task run"))?;
        }
        if let Some(document) = create.infrastructure_document_id {
            let there = tx.of(&self.tenant).optional(&BLOCK_DOCUMENT, (document,)).await?;
            there.ok_or(Error::NotFound("Block document"))?;
        }
        let parent = self.insert(tx, flow_id, flow_labels.0).await?;
        self.found(tx, self.id, true, parent).await
    }
}

impl CreateFlowRun {
    async fn insert(
        &self,
        tx: &mut Tx<'_>,
        flow_id: FlowId,
        flow_labels: Labels,
    ) -> Result<Option<(TaskRunId, Option<FlowRunId>)>> {
        let change = self.first_state();
        let row = self.row(flow_id, flow_labels, &change);
        if tx.of(&self.tenant).insert(&INSERT_FLOW_RUN, &[row]).await? == 0 {
            // Somebody made a run with the same key since we looked.
            tx.again::<()>()?;
        }
        tx.of(&self.tenant).insert(&INSERT_FLOW_RUN_STATES, &[FlowRunStateRow::new(self.id, &change.state)]).await?;
        tx.of(&self.tenant).insert(&INSERT_FLOW_RUN_TAGS, &tag_rows(self.id, &self.create.tags)).await?;
        let counted = Counted { flow_id, deployment_id: None };
        let to = transition::place(&change.state, &change.ledger, self.stamp.now);
        let mut moves = vec![counted.moved(RunKind::FlowRun, None, Some(to))];
        let mut parent = None;
        if let Some(task_run) = self.create.parent_task_run_id {
            let mirrored =
                task_run::mirror(tx, &self.tenant, task_run, &change.state, self.id, &self.stamp, &mut moves).await?;
            parent = mirrored.map(|flow_run| (task_run, flow_run));
        }
        counter::count(tx, &self.tenant, &moves).await?;
        Ok(parent)
    }

    fn first_state(&self) -> FlowRunChange {
        let first = self.create.state.clone();
        let pending = || Proposal::of(StateType::Pending);
        let proposal = first.map_or_else(pending, |state| Proposal::from_client(state, self.stamp.now));
        let facts = FlowRunFacts {
            parent_task_run_id: self.create.parent_task_run_id,
            empirical_policy: self.create.empirical_policy.clone(),
            ..FlowRunFacts::created(self.id)
        };
        engine::begin_flow_run(facts, proposal, self.client, self.stamp.moment())
    }

    fn row(&self, flow_id: FlowId, flow_labels: Labels, change: &FlowRunChange) -> FlowRunRow {
        let create = self.create.clone();
        let FlowRunChange { state, ledger, empirical_policy } = change.clone();
        FlowRunRow {
            id: self.id,
            name: self.name.clone(),
            flow_id,
            flow_version: create.flow_version,
            deployment_id: None,
            deployment_version: None,
            work_queue_name: None,
            idempotency_key: create.idempotency_key.map(String::from),
            parent_task_run_id: create.parent_task_run_id,
            parameters: Json(create.parameters),
            context: Json(create.context),
            empirical_policy: Json(empirical_policy),
            tags: Json(create.tags),
            labels: Json(merge_labels(flow_labels, ("prefect.flow.id", &flow_id.to_string()), create.labels)),
            job_variables: Some(Json(create.job_variables.unwrap_or_default())),
            infrastructure_document_id: create.infrastructure_document_id,
            infrastructure_pid: None,
            created_by: None,
            auto_scheduled: false,
            state_id: Some(state.id),
            state_type: Some(state.state_type),
            state_name: Some(state.name),
            state_timestamp: Some(state.timestamp),
            run_count: ledger.run_count,
            expected_start_time: ledger.expected_start_time,
            next_scheduled_start_time: ledger.next_scheduled_start_time,
            start_time: ledger.start_time,
            end_time: ledger.end_time,
            total_run_time: ledger.total_run_time,
            created: self.stamp.now,
            updated: self.stamp.now,
        }
    }

    async fn found(
        &self,
        tx: &mut Tx<'_>,
        id: FlowRunId,
        new: bool,
        parent: Option<(TaskRunId, Option<FlowRunId>)>,
    ) -> Result<Created> {
        let row = tx.of(&self.tenant).one(&FLOW_RUN, (id,)).await?;
        Ok(Created { run: Made { it: row.into(), new }, parent })
    }
}

/// Labels of what is around the run first, then the server's own, then the client's, which win.
pub(crate) fn merge_labels(around: Labels, own: (&str, &str), clients: Labels) -> Labels {
    let own = BTreeMap::from([(own.0.to_owned(), LabelValue::from(own.1))]);
    around.into_iter().chain(own).chain(clients).collect()
}

pub(super) fn tag_rows(flow_run_id: FlowRunId, tags: &[String]) -> Vec<FlowRunTagRow> {
    tags.iter().map(|tag| FlowRunTagRow { flow_run_id, tag: tag.clone() }).collect()
}
