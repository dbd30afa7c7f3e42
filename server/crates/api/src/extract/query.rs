//! What stands behind the question mark.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    complaint::{misshapen, steps},
    error::ApiError,
};

/// The query of a request, whose values are all texts; unknown keys in it are passed over, as clients expect.
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
        .map_err(|error| misshapen("query", query.clone(), steps(error.path()), &error.inner().to_string()))
}
