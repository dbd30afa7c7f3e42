//! One workspace: what its settings and its first-run page show.

use model::{permission::ReadRuns, workspace::WorkspaceDetail};
use store::{
    Read, Tenant, Tx,
    account::ACCOUNT,
    counter::{RunKind, TOTALS},
    workspace::{COUNT_FLOWS, LAST_CALL, THIS_WORKSPACE},
};

use crate::{Cx, Error, Result, access::Workspace};

/// The workspace with how much is in it.
///
/// # Errors
/// [`Error::NotFound`] if it was deleted meanwhile.
pub async fn detail(cx: &Cx, at: Workspace<ReadRuns>) -> Result<WorkspaceDetail> {
    cx.db.read(Detail(*at.tenant())).await
}

struct Detail(Tenant);

impl Read for Detail {
    type Out = WorkspaceDetail;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<WorkspaceDetail> {
        let account = tx.one(&ACCOUNT, (self.0.account(),)).await?.into();
        let mut here = tx.of(&self.0);
        let workspace = here.optional(&THIS_WORKSPACE, ()).await?.ok_or(Error::NotFound("Workspace"))?.into();
        let (flows,) = here.one(&COUNT_FLOWS, ()).await?;
        let (last_call,) = here.one(&LAST_CALL, ()).await?;
        let flow_runs = here.all(&TOTALS, (RunKind::FlowRun,)).await?.into_iter().map(|(_, _, runs)| runs).sum();
        let task_runs = here.all(&TOTALS, (RunKind::TaskRun,)).await?.into_iter().map(|(_, _, runs)| runs).sum();
        Ok(WorkspaceDetail { account, workspace, flows, flow_runs, task_runs, last_call })
    }
}
