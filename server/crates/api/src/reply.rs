//! How answers are put.

use axum::Json;
use control::flow::Made;
use http::StatusCode;
use model::{orchestration::OrchestrationResult, time::Timestamp};

use crate::error::ApiError;

/// What most handlers return: a JSON body, or what went wrong.
pub type Reply<T> = Result<Json<T>, ApiError>;

/// A JSON body with a status that depends.
pub type StatusReply<T> = Result<(StatusCode, Json<T>), ApiError>;

/// Done, and nothing to say: 204 with no body.
pub type Done = Result<StatusCode, ApiError>;

/// 201 for what was made by this call, 200 for what was there.
pub fn made<T>(Made { it, new }: Made<T>) -> (StatusCode, Json<T>) {
    (created_if(new), Json(it))
}

/// 201 if something is new, else 200.
#[must_use]
pub fn created_if(new: bool) -> StatusCode {
    if new { StatusCode::CREATED } else { StatusCode::OK }
}

/// The answer to a proposed state: 201 if the run is in a state that is not older than the request, which `began` at this time.
pub fn moved(answer: OrchestrationResult, began: Timestamp) -> (StatusCode, Json<OrchestrationResult>) {
    let new = answer.state.as_ref().is_some_and(|state| state.timestamp >= began);
    (created_if(new), Json(answer))
}
