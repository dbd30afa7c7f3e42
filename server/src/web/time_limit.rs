//! A timeout for pages.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::Method,
    middleware::Next,
    response::Response,
};
use futures::TryStreamExt as _;
use tower_http::timeout::TimeoutBody;

use super::plain_error;
use crate::telemetry::route_of;

/// Longer than everything that a page waits for: the database times out a read after 10 seconds.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// Returns 503 for a page that takes longer than `PAGE_TIMEOUT`. A layer for `axum::middleware::from_fn`.
///
/// Other methods have no timeout: the change may be committed already, and an error would be wrong.
pub async fn limit_page_time(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let route = route_of(request.extensions()).unwrap_or("(none)").to_owned();
    let response = tokio::time::timeout(PAGE_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        tracing::error!(http.route = &*route, "page timed out after {PAGE_TIMEOUT:?}");
        plain_error::timed_out()
    });
    response.map(|body| limit_chunk_time(body, route))
}

/// Closes the connection if the next bytes of a page that has begun take longer than `PAGE_TIMEOUT`.
fn limit_chunk_time(body: Body, route: String) -> Body {
    if body.size_hint().exact().is_some() {
        return body;
    }
    let chunks = Body::new(TimeoutBody::new(PAGE_TIMEOUT, body)).into_data_stream();
    Body::from_stream(chunks.inspect_err(move |error| {
        tracing::error!(http.route = route, %error, "a page that had begun was cut off");
    }))
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::pending, time::Duration};

    use axum::{Router, body::Body, http::Request, http::StatusCode, middleware, routing::any};
    use futures::{
        StreamExt as _,
        stream::{iter, pending as pending_stream},
    };
    use tower::ServiceExt as _;

    use super::limit_page_time;

    #[tokio::test(start_paused = true)]
    async fn page_that_stops_within_ends_with_an_error() {
        let begun = async || Body::from_stream(iter([Ok::<_, Infallible>("<main>")]).chain(pending_stream()));
        let router = Router::new().route("/", any(begun)).layer(middleware::from_fn(limit_page_time));
        let response = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let mut chunks = response.into_body().into_data_stream();
        assert_eq!(chunks.next().await.unwrap().unwrap(), "<main>");
        assert!(chunks.next().await.unwrap().is_err());
    }

    async fn status(method: &str, path: &str) -> StatusCode {
        let slow = async || tokio::time::sleep(Duration::from_secs(60)).await;
        let router = Router::new()
            .route("/never", any(pending::<()>))
            .route("/slow", any(slow))
            .layer(middleware::from_fn(limit_page_time));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test(start_paused = true)]
    async fn page_that_never_completes_times_out() {
        assert_eq!(status("GET", "/never").await, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn post_has_no_timeout() {
        assert_eq!(status("POST", "/slow").await, StatusCode::OK);
    }
}
