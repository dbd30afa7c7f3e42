//! Who calls: the API version that a client says it speaks, and the release it is.

use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use engine::api_version::{ApiVersion, Client};
use http::{HeaderMap, header, request::Parts};

use crate::error::ApiError;

const API_VERSION: &str = "x-prefect-api-version";

/// The version of this API, as clients compare it.
pub const SERVED: &str = "0.8.4";
/// The release that this server stands in for: not older than the newest client, or that one would warn.
pub const RELEASE: &str = "3.9.1";

/// A client's release: major, minor, patch.
pub type Release = (u64, u64, u64);

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

/// Probes are answered to everybody.
fn is_exempt(path: &str) -> bool {
    ["/health", "/ready", "/version"].into_iter().any(|probe| path.ends_with(probe))
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

/// The release of the client, where its `User-Agent` is `prefect/3.8.8 (API 0.8.4)`.
#[must_use]
pub fn release(headers: &HeaderMap) -> Option<Release> {
    let agent = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let (version, rest) = agent.strip_prefix("prefect/")?.split_once(' ')?;
    if !(rest.starts_with("(API ") && rest.ends_with(')')) {
        return None;
    }
    let mut numbers = version.splitn(3, '.');
    let mut number = || {
        let text = numbers.next()?;
        // What follows the digits tells a pre-release: 3.0.0rc20.
        let digits = text.find(|letter: char| !letter.is_ascii_digit()).map_or(text, |end| &text[..end]);
        digits.parse().ok()
    };
    Some((number()?, number()?, number()?))
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

    use super::{API_VERSION, api_version, is_exempt, release};
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

    #[test]
    fn probes_are_exempt() {
        assert!(is_exempt("/accounts/1/workspaces/2/health") && is_exempt("/version"));
        assert!(!is_exempt("/admin/storage") && !is_exempt("/flows"));
    }

    #[test]
    fn releases_are_read_from_the_user_agent() {
        let of =
            |agent: &str| release(&HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_str(agent).unwrap())]));
        assert_eq!(of("prefect/3.8.8 (API 0.8.4)"), Some((3, 8, 8)));
        assert_eq!(of("prefect/3.0.0rc20 (API 0.8.4)"), Some((3, 0, 0)));
        for other in ["python-httpx/0.23.3", "prefect/3.8 (API 0.8.4)", "prefect/3.8.8", "prefect/a.b.c (API 1)"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
