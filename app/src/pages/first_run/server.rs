//! The server function of the page: a door into `control::screen`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::screen::FirstRunScreen;

use crate::{error::Error, links::Place};

/// How far the first run has come.
#[server(prefix = "/ui", endpoint = "first-run", input = Postcard, output = Postcard)]
pub async fn read_first_run(place: Place) -> Result<FirstRunScreen, Error> {
    let (cx, at) = crate::context::enter::<model::permission::ReadRuns>(place).await?;
    Ok(control::screen::first_run(&cx, at).await?)
}
