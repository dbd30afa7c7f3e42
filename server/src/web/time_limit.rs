//! An end to waiting: a page that is not made in time is given up.

use std::time::Duration;

use axum::{extract::Request, http::Method, middleware::Next, response::Response};

use super::plain;
use crate::telemetry::route_of;

/// Longer than all that a page waits for may take together: the database gives up a read after 10 seconds.
const LONGEST: Duration = Duration::from_secs(30);

/// Answers 503 for a page that takes longer. A layer for `axum::middleware::from_fn`.
///
/// What changes something is waited for: it may have happened already, and saying that it failed would be wrong.
pub async fn give_up(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let route = route_of(request.extensions()).unwrap_or("(none)").to_owned();
    tokio::time::timeout(LONGEST, next.run(request)).await.unwrap_or_else(|_| {
        tracing::error!(http.route = route, "gave a page up after {LONGEST:?}");
        plain::late()
    })
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use axum::{Router, body::Body, http::Request, http::StatusCode, middleware, routing::any};
    use tower::ServiceExt as _;

    use super::give_up;

    async fn status(method: &str, path: &str) -> StatusCode {
        let slow = async || tokio::time::sleep(Duration::from_secs(60)).await;
        let router = Router::new()
            .route("/never", any(pending::<()>))
            .route("/slow", any(slow))
            .layer(middleware::from_fn(give_up));
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_never_comes_is_given_up() {
        assert_eq!(status("GET", "/never").await, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_waited_for() {
        assert_eq!(status("POST", "/slow").await, StatusCode::OK);
    }
}
