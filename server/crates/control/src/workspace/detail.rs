//! One workspace: its names, and what its settings show.

use model::{
    permission::ReadRuns,
    workspace::{Account, Workspace as Named, WorkspaceDetail},
};
use store::{
    Read, Tenant, Tx,
    account::ACCOUNT,
    counter::{RunKind, TOTALS},
    workspace::{COUNT_FLOWS, LAST_CALL, THIS_WORKSPACE},
};

use crate::{Cx, Error, Result, access::Workspace};

/// The account and the workspace, for what stands around every page.
///
/// # Errors
/// [`Error::NotFound`] if it was deleted meanwhile.
pub async fn names(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<(Account, Named)> {
    cx.db.read(Names(*ws.tenant())).await
}

struct Names(Tenant);

impl Read for Names {
    type Out = (Account, Named);
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(Account, Named)> {
        let account = tx.one(&ACCOUNT, (self.0.account(),)).await?.into();
        let workspace = tx.of(&self.0).optional(&THIS_WORKSPACE, ()).await?;
        Ok((account, workspace.ok_or(Error::NotFound("Workspace"))?.into()))
    }
}

/// The workspace with how much is in it.
///
/// # Errors
/// [`Error::NotFound`] if it was deleted meanwhile.
pub async fn detail(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<WorkspaceDetail> {
    cx.db.read(Detail(*ws.tenant())).await
}

struct Detail(Tenant);

impl Read for Detail {
    type Out = WorkspaceDetail;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<WorkspaceDetail> {
        let (account, workspace) = Names(self.0).run(tx).await?;
        let mut here = tx.of(&self.0);
        let (flows,) = here.one(&COUNT_FLOWS, ()).await?;
        let (last_call,) = here.one(&LAST_CALL, ()).await?;
        let flow_runs = here.all(&TOTALS, (RunKind::FlowRun,)).await?.into_iter().map(|(_, _, runs)| runs).sum();
        let task_runs = here.all(&TOTALS, (RunKind::TaskRun,)).await?.into_iter().map(|(_, _, runs)| runs).sum();
        Ok(WorkspaceDetail { account, workspace, flows, flow_runs, task_runs, last_call })
    }
}
