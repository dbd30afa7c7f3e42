//! Log lines on standard error, among them one for each request.
//!
//! The line of a request contains its route, never its query or an unmatched path, because these may hold secrets.

use std::{io::IsTerminal as _, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Extensions, HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use control::{clock::Clock, ids::Ids};
use model::id::RequestId;
use tracing::{Instrument as _, Level};
use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogFormat, LogLevel};

/// The response header with the request's id, which log lines and error pages contain too.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Installs the global log subscriber; call once.
pub fn init(format: LogFormat, level: &LogLevel) {
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(level.filter());
    match format {
        LogFormat::Text => registry.with(layer.with_ansi(std::io::stderr().is_terminal())).init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).init(),
    }
}

/// The source of request ids.
#[derive(Clone)]
pub struct RequestIds {
    pub ids: Ids,
    pub clock: Clock,
}

/// Gives each request an id, runs it within a span, and logs it with the time until the response begins. A layer for
/// `axum::middleware::from_fn_with_state`.
///
/// Handlers find the id as a [`RequestId`] among the request's extensions.
pub async fn log_request(State(request_ids): State<RequestIds>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id: RequestId = request_ids.ids.make(request_ids.clock.now());
    request.extensions_mut().insert(id);
    // An id from the client is removed, because it could imitate one of this server.
    request.headers_mut().remove(REQUEST_ID);
    let route = route_of(request.extensions()).unwrap_or("(none)").to_owned();
    let span = tracing::info_span!("request", request.id = %id, http.method = %request.method());
    let mut response = next.run(request).instrument(span.clone()).await;
    // A nested router has the more precise route.
    let nested_route = route_of(response.extensions()).map(ToOwned::to_owned);
    span.in_scope(|| log_response(&nested_route.unwrap_or(route), response.status(), started));
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The matched route; for a wildcard route, the prefix before the wildcard.
pub(crate) fn route_of(extensions: &Extensions) -> Option<&str> {
    let route = extensions.get::<MatchedPath>()?.as_str();
    Some(route.split_once("{*").map_or(route, |(prefix, _)| prefix))
}

fn log_response(route: &str, status: StatusCode, started: Instant) {
    let (microseconds, status) = (started.elapsed().as_secs_f64() * 1e6, status.as_u16());
    let milliseconds = microseconds.round() / 1e3;
    match level(route, status) {
        Level::ERROR => tracing::error!(http.route = route, http.status = status, milliseconds, "failed"),
        Level::DEBUG => tracing::debug!(http.route = route, http.status = status, milliseconds, "answered"),
        _ => tracing::info!(http.route = route, http.status = status, milliseconds, "answered"),
    }
}

/// Health probes and asset files are too frequent for the `info` level. 501 is no failure: a client called an operation that is not built yet.
fn level(route: &str, status: u16) -> Level {
    let frequent = route.ends_with("/health") || route.ends_with("/ready") || route.starts_with("/pkg/");
    match status {
        501 => Level::INFO,
        500.. => Level::ERROR,
        _ if frequent => Level::DEBUG,
        _ => Level::INFO,
    }
}

#[cfg(test)]
mod tests;
