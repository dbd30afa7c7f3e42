//! Return types of handlers, and the status codes that depend on the outcome.

use axum::Json;
use control::flow::Upserted;
use http::StatusCode;
use model::orchestration::OrchestrationResult;

use crate::error::{ApiError, SetStateError};

/// 200 with a JSON body.
pub type Reply<T> = Result<Json<T>, ApiError>;

/// A JSON body with a status that the handler chooses.
pub type StatusReply<T> = Result<(StatusCode, Json<T>), ApiError>;

/// The result of a call that sets a run's state: 201 if the run has a new state, else 200.
pub type SetStateReply = Result<(StatusCode, Json<OrchestrationResult>), SetStateError>;

/// 204 without a body.
pub type NoContent = Result<StatusCode, ApiError>;

/// 201 if this call inserted the row, 200 if it existed.
pub fn upserted<T>(Upserted { value, inserted }: Upserted<T>) -> (StatusCode, Json<T>) {
    (created_or_ok(inserted), Json(value))
}

/// 201 if the call created something, else 200.
#[must_use]
pub fn created_or_ok(created: bool) -> StatusCode {
    if created { StatusCode::CREATED } else { StatusCode::OK }
}
