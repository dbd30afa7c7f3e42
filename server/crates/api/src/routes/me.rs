//! The workspaces of a key's owner. Clients list them to check the key and to choose a workspace.

use axum::{Json, extract::State};
use control::{Cx, workspace};
use model::workspace::MeWorkspace;

use crate::{
    extract::auth::Authenticated,
    reply::Reply,
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![Get "/me/workspaces" => list].into_iter().map(Route::at_root).collect()
}

async fn list(Authenticated(caller): Authenticated, State(cx): State<Cx>) -> Reply<Vec<MeWorkspace>> {
    Ok(Json(workspace::me_workspaces(&cx, caller).await?))
}
