//! Changes the fields of a flow run that a client sends, and no others.

use model::{
    flow_run::{FlowRun, FlowRunUpdate},
    id::FlowRunId,
    permission::WriteRuns,
    time::Timestamp,
};
use store::{
    Change, Tenant, Tx, Write,
    flow_run::{
        DELETE_FLOW_RUN_TAGS, EDIT_FLOW_RUN, FLOW_RUN, FlowRunEdit, FlowRunTagRow, INSERT_FLOW_RUN_TAGS, LOCK_FLOW_RUN,
    },
};

use crate::{Cx, Error, Result, access::Workspace};

/// Changes a flow run.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn edit(cx: &Cx, ws: Workspace<WriteRuns>, id: FlowRunId, update: FlowRunUpdate) -> Result<()> {
    cx.db.write(EditFlowRun { tenant: *ws.tenant(), id, update, now: cx.clock.now() }).await
}

struct EditFlowRun {
    tenant: Tenant,
    id: FlowRunId,
    update: FlowRunUpdate,
    now: Timestamp,
}

impl Write for EditFlowRun {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let mut tx = tx.of(&self.tenant);
        // A transition may write the policy too. The lock serializes the two.
        tx.lock(&LOCK_FLOW_RUN, (self.id,)).await?;
        let before = tx.optional(&FLOW_RUN, (self.id,)).await?.ok_or(Error::not_found("Flow run", self.id))?;
        let before: FlowRun = before.into();
        let update = self.update.clone();
        if let Some(tags) = &update.tags {
            tx.run(&DELETE_FLOW_RUN_TAGS, (self.id,)).await?;
            tx.insert(&INSERT_FLOW_RUN_TAGS, &FlowRunTagRow::of(self.id, tags)).await?;
        }
        let edit = FlowRunEdit {
            id: self.id,
            name: update.name.map_or(before.name, String::from),
            flow_version: update.flow_version.unwrap_or(before.flow_version),
            parameters: update.parameters.unwrap_or(before.parameters),
            empirical_policy: update.empirical_policy.unwrap_or(before.empirical_policy),
            tags: update.tags.unwrap_or(before.tags),
            infrastructure_pid: update.infrastructure_pid.unwrap_or(before.infrastructure_pid),
            job_variables: update.job_variables.unwrap_or(before.job_variables),
            updated: self.now,
        };
        tx.exactly_one(&EDIT_FLOW_RUN, &edit).await?;
        tx.publish(Change::FlowRun { workspace: tx.workspace(), flow_run: self.id });
        Ok(())
    }
}
