//! The server function of the list, which calls `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::screen::{RunCursor, RunFilter, RunList};

use crate::{error::Error, links::WorkspaceRef};

/// A page of the runs that match.
#[server(prefix = "/ui", endpoint = "runs", input = Postcard, output = Postcard)]
pub async fn list_runs(workspace: WorkspaceRef, filter: RunFilter, cursor: RunCursor) -> Result<RunList, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::run_list(&cx, at, filter, cursor).await?)
}
