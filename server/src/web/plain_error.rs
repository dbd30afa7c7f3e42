//! Error pages of static HTML. They must not use the renderer of the other pages, because that may be what failed.

use std::any::Any;

use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse as _, Response},
};

/// The page timed out: 503.
pub fn timed_out() -> Response {
    let mut response = page(StatusCode::SERVICE_UNAVAILABLE, "The server took too long");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// A handler panicked: 500. For `tower_http::catch_panic::CatchPanicLayer::custom`.
#[expect(clippy::needless_pass_by_value, reason = "CatchPanicLayer demands this signature")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = message.unwrap_or("no message"), "a page panicked");
    page(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on the server")
}

fn page(status: StatusCode, title: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title} · Provost</title><h1>{title}</h1>\
         <p>Your runs keep going. <a href=\"\">Try again</a> in a moment, or go to <a href=\"/\">your workspaces</a>.</p></html>"
    );
    (status, Html(html)).into_response()
}
