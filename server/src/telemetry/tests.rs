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
use crate::web::time_limit::give_up;

fn router(names: RequestIds) -> Router {
    let echo = async |Extension(id): Extension<RequestId>| {
        tracing::warn!("inside");
        id.to_string()
    };
    Router::new()
        .route("/api/runs/{id}", get(echo))
        .route("/api/health", get(async || "ok"))
        .route("/fails", get(async || StatusCode::BAD_GATEWAY))
        .layer(middleware::from_fn_with_state(names, log_request))
}

/// Everything that this program's tests log; a subscriber of one thread would miss what another registered first.
static LINES: LazyLock<Lines> = LazyLock::new(|| {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().json().with_writer(lines.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    lines
});

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn about(&self, id: &str) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(id)).map(ToOwned::to_owned).collect()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

fn names(seed: u64) -> RequestIds {
    RequestIds { ids: Ids::seeded(seed), clock: Clock::set(Timestamp::from_micros(1_790_000_000_000_000)) }
}

async fn answer(names: &RequestIds, uri: &str) -> (StatusCode, String, String) {
    let request = Request::get(uri).header(REQUEST_ID, "forged").body(Body::empty()).unwrap();
    let response = router(names.clone()).oneshot(request).await.unwrap();
    let id = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    (status, id, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_request_has_one_name_in_its_answer_and_for_its_handler() {
    LazyLock::force(&LINES);
    let names = names(1);
    let (_, id, seen) = answer(&names, "/api/runs/7").await;
    assert_ne!(id, "forged");
    assert_eq!(seen, id);
    assert_ne!(answer(&names, "/api/runs/7").await.1, id);
}

#[tokio::test]
async fn a_line_names_the_route_and_never_the_query_or_an_unknown_path() {
    let (lines, names) = (&*LINES, names(2));

    let (_, id, _) = answer(&names, "/api/runs/pnu_secret?key=pnu_secret").await;
    let written = lines.about(&id);
    assert_eq!(written.len(), 2, "the handler's and the request's: {written:?}");
    assert!(written[1].contains("/api/runs/{id}") && written[1].contains("\"http.status\":200"), "{written:?}");
    assert!(!written.concat().contains("secret"), "{written:?}");

    let (_, id, _) = answer(&names, "/fails").await;
    let written = lines.about(&id).concat();
    assert!(written.contains("\"ERROR\"") && written.contains("502"), "{written}");

    let (status, id, _) = answer(&names, "/pnu_secret").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let written = lines.about(&id).concat();
    assert!(written.contains("(none)") && !written.contains("secret"), "{written}");

    let (_, id, _) = answer(&names, "/api/health").await;
    assert_eq!(lines.about(&id), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_given_up_is_named_by_its_route() {
    let (lines, names) = (&*LINES, names(3));
    let router = Router::new()
        .route("/run/{id}", get(std::future::pending::<()>))
        .fallback(get(std::future::pending::<()>))
        .layer(middleware::from_fn(give_up))
        .layer(middleware::from_fn_with_state(names, log_request));
    for (path, route) in [("/run/pnu_secret", "/run/{id}"), ("/pnu_secret", "(none)")] {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let written = lines.about(response.headers()[REQUEST_ID].to_str().unwrap());
        assert_eq!(written.iter().filter(|line| line.contains(route)).count(), 2, "{written:?}");
        assert!(!written.concat().contains("secret"), "{written:?}");
    }
}
