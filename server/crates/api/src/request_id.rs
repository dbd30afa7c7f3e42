//! One id a request: on every answer, and in the log of what went wrong.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use control::Cx;
use http::{HeaderName, HeaderValue};
use model::id::RequestId;
use tracing::Instrument as _;

/// The header that carries it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id of its own; one that a client made up is not taken over, since it would stand in the log.
pub async fn tag(State(cx): State<Cx>, mut request: Request, next: Next) -> Response {
    let id: RequestId = cx.ids.make(cx.clock.now());
    let span = tracing::info_span!("request", request.id = %id, http.method = %request.method(), url.path = request.uri().path());
    request.extensions_mut().insert(id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
