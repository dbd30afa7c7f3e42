//! Creates a flow run, or finds the one with the same idempotency key.

use std::collections::BTreeMap;

use engine::{api_version::Client, decision::FlowRunChange, facts::FlowRunFacts, transition::Proposal};
use model::{
    flow_run::{FlowRun, FlowRunCreate},
    id::{FlowId, FlowRunId},
    label::{LabelValue, Labels},
    permission::WriteRuns,
    state::StateType,
};
use store::{
    Change, Tenant, Tx, Write,
    block::BLOCK_DOCUMENT,
    counter::{self, RunKind},
    flow::FLOW_LABELS,
    flow_run::{FLOW_RUN, FLOW_RUN_BY_KEY, FlowRunRow, FlowRunTagRow, INSERT_FLOW_RUN, INSERT_FLOW_RUN_TAGS},
    state::{FlowRunStateRow, INSERT_FLOW_RUN_STATES},
    task_run::{FLOW_RUN_OF_TASK_RUN, MARK_SUBFLOW_TASK_RUN},
    tx::ScopedTx,
};

use super::transition::{self, CounterKey};
use crate::{
    Cx, Error, Result, access::Workspace, artifact, flow::Upserted, run_name::random_run_name, task_run,
    write_context::WriteContext,
};

/// Creates a flow run in the state that the client sends, by default PENDING.
///
/// # Errors
/// [`Error::NotFound`] if an object that the run refers to does not exist.
pub async fn create(
    cx: &Cx,
    ws: Workspace<WriteRuns>,
    create: FlowRunCreate,
    client: Client,
) -> Result<Upserted<FlowRun>> {
    reject_missing_references(&create)?;
    let context = WriteContext::of(cx);
    let name = create.name.clone().map_or_else(|| random_run_name(&context.ids), String::from);
    let write =
        CreateFlowRun { tenant: *ws.tenant(), id: context.ids.make(context.now), name, create, client, context };
    let now = write.context.now;
    let run = cx.db.write(write).await?;
    Ok(Upserted { value: run.value.at(now), inserted: run.inserted })
}

/// The server has no deployments and work pools yet, so one that a run refers to can't exist.
fn reject_missing_references(create: &FlowRunCreate) -> Result<()> {
    if let Some(id) = create.deployment_id {
        return Err(Error::not_found("Deployment", id));
    }
    if create.work_pool_name.is_some() {
        return Err(Error::missing("Work pool"));
    }
    Ok(())
}

struct CreateFlowRun {
    tenant: Tenant,
    id: FlowRunId,
    name: String,
    create: FlowRunCreate,
    client: Client,
    context: WriteContext,
}

impl Write for CreateFlowRun {
    type Out = Upserted<FlowRun>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Upserted<FlowRun>> {
        let create = &self.create;
        let mut tx = tx.of(&self.tenant);
        let flow = tx.optional(&FLOW_LABELS, (create.flow_id,)).await?;
        let (flow_id, flow_labels) = flow.ok_or(Error::not_found("Flow", create.flow_id))?;
        if let Some(key) = &create.idempotency_key {
            let existing = tx.optional(&FLOW_RUN_BY_KEY, (flow_id, key.as_str())).await?;
            if let Some((id,)) = existing {
                return created(&mut tx, id, false).await;
            }
        }
        let mut parent_flow_run_id = None;
        if let Some(parent) = create.parent_task_run_id {
            let flow_run = tx.optional(&FLOW_RUN_OF_TASK_RUN, (parent,)).await?;
            (parent_flow_run_id,) = flow_run.ok_or(Error::not_found("Task run", parent))?;
        }
        if let Some(document) = create.infrastructure_document_id {
            let existing = tx.optional(&BLOCK_DOCUMENT, (document,)).await?;
            existing.ok_or(Error::not_found("Block document", document))?;
        }
        self.insert(&mut tx, flow_id, flow_labels, parent_flow_run_id).await?;
        created(&mut tx, self.id, true).await
    }
}

impl CreateFlowRun {
    async fn insert(
        &self,
        tx: &mut ScopedTx<'_>,
        flow_id: FlowId,
        flow_labels: Labels,
        parent_flow_run_id: Option<FlowRunId>,
    ) -> Result<()> {
        let change = self.first_state();
        let row = self.row(flow_id, flow_labels, parent_flow_run_id, &change);
        if tx.insert(&INSERT_FLOW_RUN, &[row]).await? == 0 {
            // A concurrent call has inserted a run with the same key after the query in `run`.
            tx.conflict::<()>()?;
        }
        let state = FlowRunStateRow::new(self.id, &change.state);
        tx.insert(&INSERT_FLOW_RUN_STATES, std::slice::from_ref(&state)).await?;
        artifact::insert_result(tx, &change.result, state.state, self.id, None).await?;
        tx.insert(&INSERT_FLOW_RUN_TAGS, &FlowRunTagRow::of(self.id, &self.create.tags)).await?;
        let counter_key = CounterKey { flow_id, deployment_id: None };
        let to = transition::counter_cell(&change.state, &change.times, self.context.now);
        let mut deltas = vec![counter_key.delta(RunKind::FlowRun, None, Some(to))];
        if let Some(task_run) = self.create.parent_task_run_id {
            task_run::mirror(tx, task_run, &change.state, self.id, &self.context, &mut deltas).await?;
            tx.exactly_one(&MARK_SUBFLOW_TASK_RUN, (task_run,)).await?;
        }
        tx.publish(Change::FlowRun { workspace: tx.workspace(), flow_run: self.id });
        Ok(counter::apply(tx, &deltas).await?)
    }

    fn first_state(&self) -> FlowRunChange {
        let first = self.create.state.clone();
        let pending = || Proposal::of(StateType::Pending);
        let proposal = first.map_or_else(pending, |state| Proposal::from_client(state, self.context.now));
        let facts = FlowRunFacts {
            parent_task_run_id: self.create.parent_task_run_id,
            empirical_policy: self.create.empirical_policy.clone(),
            ..FlowRunFacts::created(self.id)
        };
        engine::bookkeeping::flow::enter(facts, proposal, self.client, self.context.decision())
    }

    fn row(
        &self,
        flow_id: FlowId,
        flow_labels: Labels,
        parent_flow_run_id: Option<FlowRunId>,
        change: &FlowRunChange,
    ) -> FlowRunRow {
        let create = self.create.clone();
        let FlowRunChange { state, times, empirical_policy, .. } = change.clone();
        // As in the reference, which stores null for a run with a key: then it inserts the row without the defaults of its columns.
        let no_variables = create.idempotency_key.is_none().then(Default::default);
        FlowRunRow {
            id: self.id,
            name: self.name.clone(),
            flow_id,
            flow_version: create.flow_version,
            deployment_id: None,
            deployment_version: None,
            work_queue_name: create.work_queue_name,
            idempotency_key: create.idempotency_key.map(String::from),
            parent_task_run_id: create.parent_task_run_id,
            parent_flow_run_id,
            parameters: create.parameters,
            context: create.context,
            empirical_policy,
            tags: create.tags,
            labels: merge_labels(flow_labels, ("prefect.flow.id", &flow_id.to_string()), create.labels),
            job_variables: create.job_variables.or(no_variables),
            infrastructure_document_id: create.infrastructure_document_id,
            infrastructure_pid: None,
            created_by_id: create.created_by.as_ref().and_then(|by| by.id),
            created_by_type: create.created_by.as_ref().and_then(|by| by.kind.clone()),
            created_by: create.created_by,
            auto_scheduled: false,
            state_id: Some(state.id),
            state_type: Some(state.state_type),
            state_name: Some(state.name),
            state_timestamp: Some(state.timestamp),
            times,
            created: self.context.now,
            updated: self.context.now,
        }
    }
}

async fn created(tx: &mut ScopedTx<'_>, id: FlowRunId, inserted: bool) -> Result<Upserted<FlowRun>> {
    let row = tx.one(&FLOW_RUN, (id,)).await?;
    Ok(Upserted { value: row.into(), inserted })
}

/// The labels of the flow or the parent flow run, the server's own, and the client's. If a key occurs more than once, the last value wins.
pub(crate) fn merge_labels(parent: Labels, own: (&str, &str), clients: Labels) -> Labels {
    let own = BTreeMap::from([(own.0.to_owned(), LabelValue::from(own.1))]);
    parent.into_iter().chain(own).chain(clients).collect()
}
