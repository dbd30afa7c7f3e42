//! The server function of the page: a door into `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    id::FlowRunId,
    screen::{RunScreen, RunView},
};

use crate::{error::Error, links::Place};

/// A run, and the part of its lines and task runs that is looked at.
#[server(prefix = "/ui", endpoint = "run", input = Postcard, output = Postcard)]
pub async fn read_run(place: Place, id: FlowRunId, view: RunView) -> Result<RunScreen, Error> {
    let (cx, at) = crate::context::enter::<model::permission::ReadRuns>(place).await?;
    Ok(control::screen::run(&cx, at, id, view).await?)
}
