//! Health, readiness, versions and settings of the server.

use axum::{Json, extract::State};
use control::{Cx, ready as readiness};
use model::permission::ReadRuns;
use serde_json::{Value, json};

use crate::{
    error::ApiError,
    extract::auth::{InWorkspace, Public},
    reply::Reply,
    route::{Route, routes},
    version,
};

pub fn routes() -> Vec<Route<Cx>> {
    routes![
        Get "/health" => health,
        Get "/ready" => ready,
        Get "/version" => api_version,
        Get "/hello" => hello,
        Get "/csrf-token" => csrf_token,
        Get "/admin/version" => release,
        Get "/admin/storage" => storage,
    ]
}

/// Liveness: the process answers requests. The database is not checked.
async fn health(_: Public) -> Json<bool> {
    Json(true)
}

/// Readiness: the database answers.
async fn ready(_: Public, State(cx): State<Cx>) -> Reply<Value> {
    readiness::check(&cx).await?;
    Ok(Json(json!({"message": "OK"})))
}

async fn api_version(_: InWorkspace<ReadRuns>) -> Json<&'static str> {
    Json(version::API_VERSION)
}

async fn release(_: InWorkspace<ReadRuns>) -> Json<&'static str> {
    Json(version::PREFECT_RELEASE)
}

async fn hello(_: InWorkspace<ReadRuns>) -> Json<&'static str> {
    Json("👋")
}

/// API keys need no CSRF protection, because browsers do not send them on their own. After this answer clients send no tokens.
async fn csrf_token(_: InWorkspace<ReadRuns>) -> ApiError {
    ApiError::Unprocessable("CSRF protection is disabled.".into())
}

/// The default storage block of results. It can't be set, so it is always null.
async fn storage(_: InWorkspace<ReadRuns>) -> Json<Value> {
    Json(json!({"default_result_storage_block_id": null}))
}
