//! What clients ask about the server itself.

use axum::{Json, extract::State};
use control::{Cx, ready as readiness};
use model::permission::ReadRuns;
use serde_json::{Value, json};

use crate::{
    error::ApiError,
    gate::In,
    reply::Reply,
    route::{Open, Route, routes},
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

/// Whether the process answers at all; says nothing about the database.
async fn health(_: Open) -> Json<bool> {
    Json(true)
}

/// Whether calls can be served.
async fn ready(_: Open, State(cx): State<Cx>) -> Reply<Value> {
    readiness::check(&cx).await?;
    Ok(Json(json!({"message": "OK"})))
}

async fn api_version(_: In<ReadRuns>) -> Json<&'static str> {
    Json(version::SERVED)
}

async fn release(_: In<ReadRuns>) -> Json<&'static str> {
    Json(version::RELEASE)
}

async fn hello(_: In<ReadRuns>) -> Json<&'static str> {
    Json("👋")
}

/// Keys are no cookies, so there is nothing to protect: this answer tells clients not to send tokens.
async fn csrf_token(_: In<ReadRuns>) -> ApiError {
    ApiError::Unprocessable("CSRF protection is disabled.".into())
}

/// Where results go by default. Choosing a block for it is not built, so none is chosen.
async fn storage(_: In<ReadRuns>) -> Json<Value> {
    Json(json!({"default_result_storage_block_id": null}))
}
