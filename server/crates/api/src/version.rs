//! The API version that a client sends, and the versions that this server reports.

use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use engine::api_version::{ApiVersion, Client};
use http::{HeaderMap, request::Parts};

use crate::error::ApiError;

const API_VERSION_HEADER: &str = "x-prefect-api-version";

/// The version of this API, which clients compare with their own.
pub const API_VERSION: &str = "0.8.4";
/// The Prefect release that this server reports. Clients warn if it is older than their own, so it is at least the newest client's.
pub const PREFECT_RELEASE: &str = "3.9.1";

/// Rejects clients that are too old, and malformed versions. Requests without the header are served. Inserts the [`ClientVersion`].
pub async fn check(mut request: Request, next: Next) -> Response {
    if is_exempt(request.uri().path()) {
        return next.run(request).await;
    }
    match api_version(request.headers()) {
        Ok(api_version) => {
            request.extensions_mut().insert(ClientVersion(Client { api_version }));
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// Probes need no version, at the root and below each workspace.
fn is_exempt(path: &str) -> bool {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        [probe] | ["accounts", _, "workspaces", _, probe] => matches!(*probe, "health" | "ready" | "version"),
        _ => false,
    }
}

/// The API version in `headers`; none if the header is absent.
fn api_version(headers: &HeaderMap) -> Result<Option<ApiVersion>, ApiError> {
    let Some(value) = headers.get(API_VERSION_HEADER) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    match text.parse::<ApiVersion>() {
        Ok(version) if version >= ApiVersion::OLDEST => Ok(Some(version)),
        Ok(_) => Err(ApiError::BadRequest(format!(
            "The request specified API version {text} but this server requires version {} or higher.",
            ApiVersion::OLDEST
        ))),
        Err(_) => Err(ApiError::BadRequest(format!(
            "Invalid X-PREFECT-API-VERSION header: expected a version such as {API_VERSION}, got {:?}.",
            text.chars().take(64).collect::<String>()
        ))),
    }
}

/// The client's version, as the orchestration rules need it. [`check`] has read it from the request.
#[derive(Clone, Copy, Debug)]
pub struct ClientVersion(pub Client);

impl<S: Send + Sync> FromRequestParts<S> for ClientVersion {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get().copied().ok_or(ApiError::Internal)
    }
}

#[cfg(test)]
mod tests {
    use engine::api_version::ApiVersion;
    use http::{HeaderMap, HeaderValue, header};

    use super::{API_VERSION_HEADER, api_version};
    use crate::error::ApiError;

    fn version_headers(version: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            header::HeaderName::from_static(API_VERSION_HEADER),
            HeaderValue::from_str(version).unwrap(),
        )])
    }

    #[test]
    fn old_and_malformed_versions_are_rejected() {
        assert_eq!(api_version(&HeaderMap::new()), Ok(None));
        assert_eq!(api_version(&version_headers("0.8.0")), Ok(Some(ApiVersion(0, 8, 0))));
        assert_eq!(api_version(&version_headers("0.9.12")), Ok(Some(ApiVersion(0, 9, 12))));
        let old = "The request specified API version 0.7.0 but this server requires version 0.8.0 or higher.";
        assert_eq!(api_version(&version_headers("0.7.0")), Err(ApiError::BadRequest(old.into())));
        assert!(matches!(api_version(&version_headers("new")), Err(ApiError::BadRequest(_))));
    }
}
