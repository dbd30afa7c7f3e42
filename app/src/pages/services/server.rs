//! The server function of the page.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::server::ServerScreen;

use crate::error::Error;

/// The server and its background services, for administrators.
#[server(prefix = "/ui", endpoint = "services", output = Postcard)]
pub async fn read_services() -> Result<ServerScreen, Error> {
    let (context, caller) = crate::context::authenticated().await?;
    let administrator = control::access::authorize_administrator(&context.cx, caller).await?;
    Ok(control::server::screen(&context.cx, administrator))
}
