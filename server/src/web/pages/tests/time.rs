//! No reader waits for ever.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
    middleware::from_fn,
    routing::get,
};
use tower::ServiceExt as _;

use super::super::{TRIES, in_time};

/// What a page answers that never ends the first `stuck` times, and how often it was begun.
async fn page(method: &str, stuck: u32) -> (StatusCode, String, u32) {
    let begun = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&begun);
    let page = async move || {
        if counter.fetch_add(1, Ordering::Relaxed) < stuck {
            std::future::pending::<()>().await;
        }
        "here"
    };
    let router = Router::new().route("/", get(page.clone()).post(page)).layer(from_fn(in_time));
    let request = Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap(), begun.load(Ordering::Relaxed))
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_stuck_is_begun_anew() {
    assert_eq!(page("GET", 0).await, (StatusCode::OK, "here".to_owned(), 1));
    assert_eq!(page("GET", TRIES - 1).await, (StatusCode::OK, "here".to_owned(), TRIES));
    assert_eq!(page("POST", 0).await, (StatusCode::OK, "here".to_owned(), 1));
}

#[tokio::test(start_paused = true)]
async fn one_that_stays_stuck_is_given_up() {
    let (status, text, begun) = page("GET", u32::MAX).await;
    assert_eq!((status, begun), (StatusCode::SERVICE_UNAVAILABLE, TRIES));
    assert!(text.contains("Try again"), "{text}");
}
