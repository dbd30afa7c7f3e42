//! One workspace: its names, and the numbers on its settings page.

use model::{
    permission::ReadRuns,
    workspace::{Account, Workspace as WorkspaceNames, WorkspaceDetail},
};
use store::{
    Read, Tenant, Tx,
    account::ACCOUNT,
    counter::{RunKind, TOTALS},
    workspace::{COUNT_FLOWS, LAST_CALL, WORKSPACE},
};

use crate::{Cx, Error, Result, access::Workspace};

/// The account and the workspace, for the frame of every page.
///
/// # Errors
/// [`Error::NotFound`] if the workspace has been deleted.
pub async fn names(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<(Account, WorkspaceNames)> {
    cx.db.read(Names(*ws.tenant())).await
}

struct Names(Tenant);

impl Read for Names {
    type Out = (Account, WorkspaceNames);
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(Account, WorkspaceNames)> {
        let account = tx.one(&ACCOUNT, (self.0.account(),)).await?;
        let workspace = tx.of(&self.0).optional(&WORKSPACE, ()).await?;
        Ok((account, workspace.ok_or(Error::not_found("Workspace", self.0.workspace()))?))
    }
}

/// The workspace, with the numbers of its flows and runs.
///
/// # Errors
/// [`Error::NotFound`] if the workspace has been deleted.
pub async fn detail(cx: &Cx, ws: Workspace<ReadRuns>) -> Result<WorkspaceDetail> {
    cx.db.read(Detail(*ws.tenant())).await
}

struct Detail(Tenant);

impl Read for Detail {
    type Out = WorkspaceDetail;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<WorkspaceDetail> {
        let (account, workspace) = Names(self.0).run(tx).await?;
        let mut scope = tx.of(&self.0);
        let (flows,) = scope.one(&COUNT_FLOWS, ()).await?;
        let (last_call,) = scope.one(&LAST_CALL, ()).await?;
        let flow_runs = scope.all(&TOTALS, (RunKind::FlowRun,)).await?.into_iter().map(|(_, _, runs)| runs).sum();
        let task_runs = scope.all(&TOTALS, (RunKind::TaskRun,)).await?.into_iter().map(|(_, _, runs)| runs).sum();
        Ok(WorkspaceDetail { account, workspace, flows, flow_runs, task_runs, last_call })
    }
}
