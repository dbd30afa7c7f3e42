//! What stands behind the question mark.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{ApiError, Complaint};

/// The query of a request; unknown keys in it are passed over, as clients expect.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(error) => {
                let message = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                let problem = json!({"type": "value_error", "loc": ["query"], "msg": message, "input": null});
                Err(ApiError::Invalid(Box::new(Complaint { problems: vec![problem], request_body: Value::Null })))
            }
        }
    }
}
