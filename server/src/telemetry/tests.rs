use std::{
    io,
    sync::{Arc, LazyLock, Mutex},
};

use axum::{Extension, Router, body::Body, http::Request, http::StatusCode, middleware, routing::get};
use control::{clock::Clock, ids::Ids};
use model::{id::RequestId, time::Timestamp};
use tower::ServiceExt as _;
use tracing_subscriber::fmt::MakeWriter;

use super::{REQUEST_ID, RequestIds, log_request};
use crate::web::time_limit::limit_page_time;

fn router(request_ids: RequestIds) -> Router {
    let echo = async |Extension(id): Extension<RequestId>| {
        tracing::warn!("inside");
        id.to_string()
    };
    Router::new()
        .route("/api/runs/{id}", get(echo))
        .route("/api/health", get(async || "ok"))
        .route("/fails", get(async || StatusCode::BAD_GATEWAY))
        .route("/not-built", get(async || StatusCode::NOT_IMPLEMENTED))
        .layer(middleware::from_fn_with_state(request_ids, log_request))
}

/// All log lines of this test program. The subscriber is global, because tracing caches for the whole process which call sites
/// are enabled.
static LOG: LazyLock<LogBuffer> = LazyLock::new(|| {
    let log = LogBuffer::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log
});

#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl LogBuffer {
    fn lines_with(&self, id: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(id)).map(ToOwned::to_owned).collect()
    }
}

impl io::Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogBuffer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn request_ids(seed: u64) -> RequestIds {
    RequestIds { ids: Ids::seeded(seed), clock: Clock::set(Timestamp::from_micros(1_790_000_000_000_000)) }
}

async fn send(request_ids: &RequestIds, uri: &str) -> (StatusCode, String, String) {
    let request = Request::get(uri).header(REQUEST_ID, "forged").body(Body::empty()).unwrap();
    let response = router(request_ids.clone()).oneshot(request).await.unwrap();
    let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    (status, id, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn handler_and_response_have_the_same_request_id() {
    LazyLock::force(&LOG);
    let request_ids = request_ids(1);
    let (_, id, seen) = send(&request_ids, "/api/runs/7").await;
    assert_ne!(id, "forged");
    assert_eq!(seen, id);
    assert_ne!(send(&request_ids, "/api/runs/7").await.1, id);
}

#[tokio::test]
async fn log_line_has_the_route_but_no_query_or_unknown_path() {
    let (log, request_ids) = (&*LOG, request_ids(2));

    let (_, id, _) = send(&request_ids, "/api/runs/pnu_secret?key=pnu_secret").await;
    let written = log.lines_with(&id);
    assert_eq!(written.len(), 2, "the handler's and the request's: {written:?}");
    assert!(written[1].contains("/api/runs/{id}") && written[1].contains("\"http.status\":200"), "{written:?}");
    assert!(!written.concat().contains("secret"), "{written:?}");

    for (path, level, status) in [("/fails", "\"ERROR\"", "502"), ("/not-built", "\"INFO\"", "501")] {
        let (_, id, _) = send(&request_ids, path).await;
        let written = log.lines_with(&id).concat();
        assert!(written.contains(level) && written.contains(status), "{written}");
    }

    let (status, id, _) = send(&request_ids, "/pnu_secret").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let written = log.lines_with(&id).concat();
    assert!(written.contains("(none)") && !written.contains("secret"), "{written}");

    let (_, id, _) = send(&request_ids, "/api/health").await;
    assert_eq!(log.lines_with(&id), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn log_line_of_a_page_timeout_has_the_route() {
    let (log, request_ids) = (&*LOG, request_ids(3));
    let router = Router::new()
        .route("/run/{id}", get(std::future::pending::<()>))
        .fallback(get(std::future::pending::<()>))
        .layer(middleware::from_fn(limit_page_time))
        .layer(middleware::from_fn_with_state(request_ids, log_request));
    for (path, route) in [("/run/pnu_secret", "/run/{id}"), ("/pnu_secret", "(none)")] {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let written = log.lines_with(response.headers()[REQUEST_ID].to_str().unwrap());
        assert_eq!(written.iter().filter(|line| line.contains(route)).count(), 2, "{written:?}");
        assert!(!written.concat().contains("secret"), "{written:?}");
    }
}
