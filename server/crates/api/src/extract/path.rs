//! Path parameters: ids and names.

use std::str::FromStr;

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, RawPathParams},
};
use http::request::Parts;
use uuid::Uuid;

use crate::error::ApiError;

/// The path parameter `{id}`. A value that is no UUID is answered with 404.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

/// The path parameter `{name}`, percent-decoded.
#[derive(Clone, Debug)]
pub struct Name(pub String);

impl<T: From<Uuid>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let params = path_params(parts).await?;
        let text = find(&params, "id").ok_or(ApiError::NoSuchPath)?;
        Uuid::from_str(text).map(|id| Self(id.into())).map_err(|_| ApiError::NoSuchPath)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let params = path_params(parts).await?;
        let text = find(&params, "name").ok_or(ApiError::NoSuchPath)?;
        if text.contains('\0') { Err(ApiError::NoSuchPath) } else { Ok(Self(text.to_owned())) }
    }
}

/// The path parameter `{id}` if the route has one, else `{name}`.
#[derive(Clone, Debug)]
pub struct IdOrName<T>(pub model::id::IdOrName<T>);

impl<T: From<Uuid>, S: Send + Sync> FromRequestParts<S> for IdOrName<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if find(&path_params(parts).await?, "id").is_some() {
            Id::from_request_parts(parts, state).await.map(|Id(id)| Self(model::id::IdOrName::Id(id)))
        } else {
            Name::from_request_parts(parts, state).await.map(|Name(name)| Self(model::id::IdOrName::Name(name)))
        }
    }
}

/// The decoded path parameters.
pub async fn path_params(parts: &mut Parts) -> Result<RawPathParams, ApiError> {
    parts.extract().await.map_err(|_| ApiError::NoSuchPath)
}

/// The parameter of this name; none if the route does not have it.
pub fn find<'p>(params: &'p RawPathParams, name: &str) -> Option<&'p str> {
    params.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}
