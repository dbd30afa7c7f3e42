//! The server function of the list: a door into `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::screen::{RunCursor, RunFilter, RunList};

use crate::{error::Error, links::Place};

/// A page of the runs that match.
#[server(prefix = "/ui", endpoint = "runs", input = Postcard, output = Postcard)]
pub async fn list_runs(place: Place, filter: RunFilter, cursor: RunCursor) -> Result<RunList, Error> {
    let (cx, at) = crate::context::enter::<model::permission::ReadRuns>(place).await?;
    Ok(control::screen::run_list(&cx, at, filter, cursor).await?)
}
