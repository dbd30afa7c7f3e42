//! The server function of the page, which calls `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::screen::FirstRunScreen;

use crate::{error::Error, links::WorkspaceRef};

/// The progress to the first run.
#[server(prefix = "/ui", endpoint = "first-run", input = Postcard, output = Postcard)]
pub async fn read_first_run(workspace: WorkspaceRef) -> Result<FirstRunScreen, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::screen::first_run(&cx, at).await?)
}
