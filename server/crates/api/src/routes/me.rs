//! What a key opens: the list by which clients sign in and choose a workspace.

use axum::{Json, extract::State};
use control::{Cx, workspace};
use model::workspace::MeWorkspace;

use crate::{
    gate::Me,
    reply::Reply,
    route::{Route, routes},
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![Get "/me/workspaces" => list].into_iter().map(Route::at_root).collect()
}

async fn list(Me(caller): Me, State(cx): State<Cx>) -> Reply<Vec<MeWorkspace>> {
    Ok(Json(workspace::me_workspaces(&cx, caller).await?))
}
