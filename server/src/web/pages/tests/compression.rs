//! Which answers are compressed, for browsers that accept it.

use axum::{
    body::Body,
    http::{Request, StatusCode, request::Builder},
};

use super::{TestResponse, TestSite};

/// Sends a request with this `Accept-Encoding`.
async fn send(site: &TestSite, request: Builder, encodings: &str, cookie: &str, body: &str) -> TestResponse {
    let request = request.header("host", "localhost").header("origin", &site.origin).header("cookie", cookie);
    let request = request.header("accept", "application/x-postcard").header("accept-encoding", encodings);
    site.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn call(site: &TestSite, function: &str, encodings: &str, cookie: &str, body: &str) -> TestResponse {
    let request = Request::post(format!("/ui/{function}")).header("content-type", "application/x-www-form-urlencoded");
    send(site, request, encodings, cookie, body).await
}

/// A person with so many workspaces that answers with all of them are worth compressing.
async fn busy_person(site: &TestSite) -> String {
    let ann = site.register("ann").await;
    for number in 0..9 {
        site.create_workspace(&ann, &format!("{}{number}", "Harbour".repeat(12))).await;
    }
    ann
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_compressed_if_the_browser_accepts_it() {
    let site = TestSite::with_sign_in().await;
    for (encodings, encoding) in
        [("gzip, deflate, br", "gzip"), ("", ""), ("identity", ""), ("gzip;q=0", ""), ("br;q=0.5, gzip;q=1", "gzip")]
    {
        for path in ["/sign-in", "/nowhere"] {
            let page = send(&site, Request::get(path), encodings, "", "").await;
            assert_eq!(page.header("content-encoding"), encoding, "{path} for {encodings}");
            assert_eq!(page.body.contains("<html"), encoding.is_empty(), "{path} for {encodings}");
            assert!(page.header("vary").contains("accept-encoding"), "{path}: {:?}", page.headers);
        }
    }
    let redirect = send(&site, Request::get("/"), "gzip", "", "").await;
    assert_eq!(redirect.status, StatusCode::FOUND);
    assert!(redirect.header("location").starts_with("/sign-in"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_server_functions_are_compressed_if_long() {
    let site = TestSite::with_sign_in().await;
    let ann = busy_person(&site).await;
    let long = call(&site, "workspaces", "gzip", &ann, "").await;
    assert_eq!((long.status, long.header("content-encoding")), (StatusCode::OK, "gzip"));
    let short = call(&site, "open-frame", "gzip", &ann, "").await;
    assert_eq!((short.status, short.header("content-encoding")), (StatusCode::OK, ""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_with_a_new_key_is_not_compressed() {
    let site = TestSite::with_sign_in().await;
    let ann = busy_person(&site).await;
    let created = call(&site, "create-api-key", "gzip, br", &ann, "name=laptop&expires=30").await;
    assert!(created.body.contains("pnu_"), "{} {}", created.status, created.body);
    assert!(created.body.len() > 860, "a shorter answer is never compressed");
    assert_eq!(created.header("content-encoding"), "");
    assert_eq!(created.header("cache-control"), "no-store, no-transform");
}

/// A request of a client in local mode.
async fn api(site: &TestSite, path: &str, encodings: &str, body: &str) -> TestResponse {
    let request = Request::post(path).header("content-type", "application/json");
    send(site, request, encodings, "", body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_to_clients_are_compressed_if_long() {
    let site = TestSite::open(&[("local", "true")]).await;
    for number in 0..60 {
        let flow = api(&site, "/api/flows/", "gzip", &format!(r#"{{"name": "tides of harbour {number}"}}"#)).await;
        assert_eq!((flow.status, flow.header("content-encoding")), (StatusCode::CREATED, ""));
    }
    for (limit, encodings, encoding) in
        [(60, "gzip, deflate", "gzip"), (60, "identity", ""), (60, "", ""), (15, "gzip, deflate", "")]
    {
        let flows = api(&site, "/api/flows/filter", encodings, &format!(r#"{{"limit": {limit}}}"#)).await;
        assert_eq!((flows.status, flows.header("content-encoding")), (StatusCode::OK, encoding), "{limit} {encodings}");
        let is_long = flows.body.len() > 8 * 1024;
        assert_eq!(is_long, limit == 60 && encoding.is_empty(), "{} bytes", flows.body.len());
    }
}
