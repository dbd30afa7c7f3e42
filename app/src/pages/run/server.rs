//! The server functions of the page, which call `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    id::FlowRunId,
    screen::{RunLink, RunScreen, RunView},
};

use crate::{error::Error, links::WorkspaceRef};

/// The flow and the name of a run: what the page needs before it begins.
#[server(prefix = "/ui", endpoint = "run-link", input = Postcard, output = Postcard)]
pub async fn read_run_link(workspace: WorkspaceRef, id: FlowRunId) -> Result<RunLink, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::run_link(&cx, at, id).await?)
}

/// A run, and the pages of its log lines and task runs that `view` selects.
#[server(prefix = "/ui", endpoint = "run", input = Postcard, output = Postcard)]
pub async fn read_run(workspace: WorkspaceRef, id: FlowRunId, view: RunView) -> Result<RunScreen, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::run(&cx, at, id, view).await?)
}
