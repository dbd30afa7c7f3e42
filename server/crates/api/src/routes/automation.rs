//! Automations. None can be created yet.

use axum::Json;
use control::Cx;
use http::StatusCode;
use model::permission::WriteRuns;

use crate::{
    extract::{auth::InWorkspace, path::Name},
    reply::StatusReply,
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![Delete "/automations/owned-by/{name}" => delete_owned]
}

/// Clients call this on every `serve` and `deploy`, before they create the triggers of a deployment, and ignore no error but 404. No
/// resource owns an automation yet.
async fn delete_owned(_: InWorkspace<WriteRuns>, _resource: Name) -> StatusReply<()> {
    Ok((StatusCode::ACCEPTED, Json(())))
}
