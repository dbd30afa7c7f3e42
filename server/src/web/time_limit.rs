//! An end to waiting: a page that is not made in time is given up.

use std::time::Duration;

use axum::{
    extract::Request,
    http::{StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};

/// Longer than all that a page waits for may take together: the database gives up a read after 10 seconds.
const LONGEST: Duration = Duration::from_secs(30);

/// It stands alone: what is rendered as other pages are could be late as well.
const LATE: &str = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>The server took too long · Provost</title>\
                    <h1>The server took too long</h1><p>Your runs go on. <a href=\"\">Try again</a> in a moment.</p></html>";

/// Answers 503 for what takes longer. A layer for `axum::middleware::from_fn`.
pub async fn give_up(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(path, "gave a page up after {LONGEST:?}");
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], Html(LATE)).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::{Router, body::Body, http::Request, http::StatusCode, middleware, routing::get};
    use tower::ServiceExt as _;

    use super::give_up;

    #[tokio::test(start_paused = true)]
    async fn a_page_that_never_comes_is_given_up() {
        let router = Router::new()
            .route("/never", get(pending::<()>))
            .route("/at-once", get(async || "here"))
            .layer(middleware::from_fn(give_up));
        let status = async |path| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().status()
        };
        assert_eq!(status("/never").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status("/at-once").await, StatusCode::OK);
    }
}
