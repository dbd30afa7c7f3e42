//! The server function of the page, which calls `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    id::FlowRunId,
    screen::{RunScreen, RunView},
};

use crate::{error::Error, links::WorkspaceRef};

/// A run, and the pages of its log lines and task runs that `view` selects.
#[server(prefix = "/ui", endpoint = "run", input = Postcard, output = Postcard)]
pub async fn read_run(workspace: WorkspaceRef, id: FlowRunId, view: RunView) -> Result<RunScreen, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::run(&cx, at, id, view).await?)
}
