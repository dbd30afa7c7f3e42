//! Log lines on standard error, and one line for each request.
//!
//! A request is named by the route it matched: never by its query, and never by a path that nobody registered.

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

/// The header of an answer that names its request, as log lines and error pages do.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Starts writing log lines; to be called once.
pub fn start(format: LogFormat, level: &LogLevel) {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(level.filter());
    match format {
        LogFormat::Text => registry.with(lines.with_ansi(std::io::stderr().is_terminal())).init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).init(),
    }
}

/// Where requests get their names from.
#[derive(Clone)]
pub struct RequestIds {
    pub ids: Ids,
    pub clock: Clock,
}

/// Names each request, runs it within a span, and writes its line. A layer for `axum::middleware::from_fn_with_state`.
///
/// Handlers find the name as a [`RequestId`] among the request's extensions.
pub async fn log_request(State(names): State<RequestIds>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id: RequestId = names.ids.make(names.clock.now());
    request.extensions_mut().insert(id);
    // A name that the client sent is dropped: it could pass for one of ours.
    request.headers_mut().remove(REQUEST_ID);
    let route = route_of(request.extensions()).unwrap_or("(none)").to_owned();
    let span = tracing::info_span!("request", request.id = %id, http.method = %request.method());
    let mut response = next.run(request).instrument(span.clone()).await;
    // What stands below a prefix knows better which of its routes it was.
    let inner = route_of(response.extensions()).map(ToOwned::to_owned);
    span.in_scope(|| write_line(&inner.unwrap_or(route), response.status(), started));
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The route that was matched; of one that stands for everything below a prefix, the prefix.
pub(crate) fn route_of(extensions: &Extensions) -> Option<&str> {
    let route = extensions.get::<MatchedPath>()?.as_str();
    Some(route.split_once("{*").map_or(route, |(prefix, _)| prefix))
}

fn write_line(route: &str, status: StatusCode, started: Instant) {
    let (microseconds, status) = (started.elapsed().as_secs_f64() * 1e6, status.as_u16());
    let milliseconds = microseconds.round() / 1e3;
    match level(route, status) {
        Level::ERROR => tracing::error!(http.route = route, http.status = status, milliseconds, "failed"),
        Level::DEBUG => tracing::debug!(http.route = route, http.status = status, milliseconds, "answered"),
        _ => tracing::info!(http.route = route, http.status = status, milliseconds, "answered"),
    }
}

/// Probes and files come all the time and say nothing.
fn level(route: &str, status: u16) -> Level {
    let quiet = route.ends_with("/health") || route.ends_with("/ready") || route.starts_with("/pkg/");
    match status {
        500.. => Level::ERROR,
        _ if quiet => Level::DEBUG,
        _ => Level::INFO,
    }
}

#[cfg(test)]
mod tests;
