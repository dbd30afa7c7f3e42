//! Forms that a browser sends to a page instead of a server function.

use app::page_request::PostedForm;
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use url::form_urlencoded;

const FORM: &str = "application/x-www-form-urlencoded";
/// Larger than any form that is sent to a page.
const MAX_BYTES: usize = 8 * 1024;

/// Adds the request's [`PostedForm`] to its extensions. A layer for `axum::middleware::from_fn`.
pub async fn insert(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_none_or(|value| value.split(';').next() != Some(FORM)) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected a form").into_response();
    }
    let Ok(body) = to_bytes(body, MAX_BYTES).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the form is too large, or was not sent completely").into_response();
    };
    parts.extensions.insert(PostedForm(form_urlencoded::parse(&body).into_owned().collect()));
    next.run(Request::from_parts(parts, Body::empty())).await
}
