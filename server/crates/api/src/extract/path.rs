//! What stands in a path: ids and names.

use std::str::FromStr;

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, RawPathParams},
};
use http::request::Parts;
use uuid::Uuid;

use crate::error::ApiError;

/// The id in a path: the segment `{id}`. One that is no UUID names nothing.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

/// The name in a path: the segment `{name}`, decoded.
#[derive(Clone, Debug)]
pub struct Named(pub String);

impl<T: From<Uuid>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let text = segment(parts, "id").await?.ok_or(ApiError::NoSuchPath)?;
        Uuid::from_str(&text).map(|id| Self(id.into())).map_err(|_| ApiError::NoSuchPath)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let text = segment(parts, "name").await?.ok_or(ApiError::NoSuchPath)?;
        if text.contains('\0') { Err(ApiError::NoSuchPath) } else { Ok(Self(text)) }
    }
}

/// The decoded segment that the route calls `name`, where it has one.
pub async fn segment(parts: &mut Parts, name: &str) -> Result<Option<String>, ApiError> {
    let segments = parts.extract::<RawPathParams>().await.map_err(|_| ApiError::NoSuchPath)?;
    Ok(segments.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()))
}
