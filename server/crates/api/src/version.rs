//! Who calls: the API version that a client says it speaks.

use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use engine::api_version::{ApiVersion, Client};
use http::{HeaderMap, request::Parts};

use crate::error::ApiError;

const API_VERSION: &str = "x-prefect-api-version";

/// The version of this API, as clients compare it.
pub const SERVED: &str = "0.8.4";
/// The release that this server stands in for: not older than the newest client, or that one would warn.
pub const RELEASE: &str = "3.9.1";

/// Refuses clients that are too old, and versions that are none. Who says no version is welcome.
pub async fn check(request: Request, next: Next) -> Response {
    if is_exempt(request.uri().path()) {
        return next.run(request).await;
    }
    match api_version(request.headers()) {
        Ok(_) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Probes are answered to everybody, at the root and below each workspace.
fn is_exempt(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        [probe] | ["accounts", _, "workspaces", _, probe] => matches!(*probe, "health" | "ready" | "version"),
        _ => false,
    }
}

/// The API version in `headers`; none where none is said.
pub fn api_version(headers: &HeaderMap) -> Result<Option<ApiVersion>, ApiError> {
    let Some(value) = headers.get(API_VERSION) else { return Ok(None) };
    let said = value.to_str().unwrap_or_default();
    match said.parse::<ApiVersion>() {
        Ok(version) if version >= ApiVersion::OLDEST => Ok(Some(version)),
        Ok(_) => Err(ApiError::BadRequest(format!(
            "The request specified API version {said} but this server requires version {} or higher.",
            ApiVersion::OLDEST
        ))),
        Err(_) => Err(ApiError::BadRequest(format!(
            "Invalid X-PREFECT-API-VERSION header: expected a version such as {SERVED}, got {:?}.",
            said.chars().take(64).collect::<String>()
        ))),
    }
}

/// Who calls, as the rules of orchestration ask.
#[derive(Clone, Copy, Debug)]
pub struct Calling(pub Client);

impl<S: Send + Sync> FromRequestParts<S> for Calling {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Ok(Self(Client { api_version: api_version(&parts.headers)? }))
    }
}

#[cfg(test)]
mod tests {
    use engine::api_version::ApiVersion;
    use http::{HeaderMap, HeaderValue, header};

    use super::{API_VERSION, api_version};
    use crate::error::ApiError;

    fn saying(version: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HeaderName::from_static(API_VERSION), HeaderValue::from_str(version).unwrap())])
    }

    #[test]
    fn old_and_odd_versions_are_refused() {
        assert_eq!(api_version(&HeaderMap::new()), Ok(None));
        assert_eq!(api_version(&saying("0.8.0")), Ok(Some(ApiVersion(0, 8, 0))));
        assert_eq!(api_version(&saying("0.9.12")), Ok(Some(ApiVersion(0, 9, 12))));
        let old = "The request specified API version 0.7.0 but this server requires version 0.8.0 or higher.";
        assert_eq!(api_version(&saying("0.7.0")), Err(ApiError::BadRequest(old.into())));
        assert!(matches!(api_version(&saying("new")), Err(ApiError::BadRequest(_))));
    }
}
