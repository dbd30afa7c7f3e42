//! Query parameters.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    error::ApiError,
    extract::validation::{loc_of, validation_error},
};

/// The query of a request. All its values are strings; unknown keys are ignored, as clients expect.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parse(parts).map(Self)
    }
}

fn parse<T: DeserializeOwned>(parts: &Parts) -> Result<T, ApiError> {
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    let axum::extract::Query(pairs) = pairs.map_err(|_| ApiError::NoSuchPath)?;
    let query: Value = pairs.into_iter().map(|(key, value)| (key, Value::String(value))).collect();
    serde_path_to_error::deserialize(&query)
        .map_err(|error| validation_error("query", query.clone(), loc_of(error.path()), &error.inner().to_string()))
}
