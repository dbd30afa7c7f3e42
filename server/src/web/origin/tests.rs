use std::sync::Arc;

use axum::{Router, body::Body, http::Request, http::StatusCode, middleware, routing::any};
use tower::ServiceExt as _;

use super::{Expected, Mode, OriginGuard, check_origin};

const HOME: &str = "https://provost.example.org";
const EVIL: &str = "https://evil.example";

fn guard(origin: &str, host: &str, mode: Mode) -> OriginGuard {
    OriginGuard(Arc::new(Expected { origin: origin.to_owned(), host: host.to_owned(), mode }))
}

async fn status(guard: OriginGuard, method: &str, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let router =
        Router::new().route(path, any(async || "ok")).layer(middleware::from_fn_with_state(guard, check_origin));
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

async fn signed_in_mode(path: &str, method: &str, headers: &[(&str, &str)]) -> StatusCode {
    let guard = guard(HOME, "provost.example.org", Mode::SignIn { cookie: "__Host-provost" });
    status(guard, method, path, headers).await
}

async fn with_cookie(method: &str, headers: &[(&str, &str)]) -> StatusCode {
    let headers: Vec<_> = [("cookie", "lb=7; __Host-provost=x")].iter().chain(headers).copied().collect();
    signed_in_mode("/", method, &headers).await
}

async fn local_mode(method: &str, headers: &[(&str, &str)]) -> StatusCode {
    let guard = guard("http://127.0.0.1:4200", "127.0.0.1", Mode::Local { on_any_address: false });
    status(guard, method, "/", headers).await
}

async fn local_mode_on_any_address(headers: &[(&str, &str)]) -> StatusCode {
    status(guard(HOME, "provost.example.org", Mode::Local { on_any_address: true }), "POST", "/", headers).await
}

#[tokio::test]
async fn session_cookie_works_only_from_own_pages() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        assert_eq!(with_cookie(method, &[("origin", HOME)]).await, StatusCode::OK);
        assert_eq!(with_cookie(method, &[("sec-fetch-site", "same-origin")]).await, StatusCode::OK);
        for headers in [
            &[][..],
            &[("origin", EVIL)],
            &[("origin", "null")],
            &[("origin", "http://provost.example.org")],
            &[("origin", "https://provost.example.org.evil.example")],
            &[("origin", EVIL), ("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("referer", HOME)],
        ] {
            assert_eq!(with_cookie(method, headers).await, StatusCode::FORBIDDEN, "{method} {headers:?}");
        }
    }
}

#[tokio::test]
async fn page_of_another_site_cannot_post_without_a_cookie() {
    assert_eq!(signed_in_mode("/", "POST", &[("origin", EVIL)]).await, StatusCode::FORBIDDEN);
    assert_eq!(signed_in_mode("/", "POST", &[("origin", HOME)]).await, StatusCode::OK);
    assert_eq!(signed_in_mode("/", "POST", &[]).await, StatusCode::OK, "not a browser");
}

#[tokio::test]
async fn reads_need_no_origin_but_sockets_do() {
    assert_eq!(with_cookie("GET", &[]).await, StatusCode::OK);
    assert_eq!(with_cookie("HEAD", &[("origin", EVIL)]).await, StatusCode::OK);
    let upgrade = ("upgrade", "websocket");
    assert_eq!(with_cookie("GET", &[upgrade, ("origin", HOME)]).await, StatusCode::OK);
    assert_eq!(with_cookie("GET", &[upgrade]).await, StatusCode::FORBIDDEN);
    assert_eq!(with_cookie("GET", &[upgrade, ("origin", EVIL)]).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn api_request_with_a_key_needs_no_origin() {
    for cookie in ["AWSALB=abc", "lb=7; __Host-provost=x"] {
        let key = [("authorization", "Bearer pnu_x"), ("origin", EVIL), ("cookie", cookie)];
        assert_eq!(signed_in_mode("/api/flows", "POST", &key).await, StatusCode::OK, "{cookie}");
    }
}

#[tokio::test]
async fn only_the_exact_cookie_name_is_the_session_cookie() {
    for cookie in ["AWSALB=abc", "x__Host-provost=1", "a=__Host-provost=1", "provost=1"] {
        assert_eq!(signed_in_mode("/", "POST", &[("cookie", cookie)]).await, StatusCode::OK, "{cookie}");
    }
    for cookie in ["__Host-provost", "a=1;__Host-provost=x", "__Host-provost =x"] {
        assert_eq!(signed_in_mode("/", "POST", &[("cookie", cookie)]).await, StatusCode::FORBIDDEN, "{cookie}");
    }
    let two = [("cookie", "AWSALB=abc"), ("cookie", "__Host-provost=x")];
    assert_eq!(signed_in_mode("/", "POST", &two).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn local_mode_accepts_only_loopback_hosts() {
    for host in ["localhost", "LOCALHOST:4200", "127.0.0.1", "127.0.0.1:4200", "[::1]", "[::1]:4200"] {
        assert_eq!(local_mode("POST", &[("host", host)]).await, StatusCode::OK, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:4200",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1:4200.evil.example",
        "192.0.2.1",
        "[::2]",
        "",
    ] {
        assert_eq!(local_mode("GET", &[("host", host)]).await, StatusCode::FORBIDDEN, "{host}");
    }
    assert_eq!(local_mode("GET", &[]).await, StatusCode::FORBIDDEN);
    assert_eq!(local_mode("GET", &[("host", "localhost"), ("host", "evil.example")]).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn on_any_address_accepts_addresses_and_the_public_name() {
    let hosts = ["192.0.2.1:4200", "[2001:db8::1]:4200", "[2001:db8::1]", "localhost:4200", "Provost.example.org"];
    for host in hosts {
        assert_eq!(local_mode_on_any_address(&[("host", host)]).await, StatusCode::OK, "{host}");
    }
    for host in ["evil.example:4200", "provost.example.org.evil.example", "192.0.2.1.evil.example", "[evil]", "1.2.3"] {
        assert_eq!(local_mode_on_any_address(&[("host", host)]).await, StatusCode::FORBIDDEN, "{host}");
    }
    let host = ("host", "192.0.2.1:4200");
    assert_eq!(local_mode_on_any_address(&[host, ("origin", "http://192.0.2.1:4200")]).await, StatusCode::OK);
    assert_eq!(local_mode_on_any_address(&[host, ("origin", HOME)]).await, StatusCode::OK);
    for origin in [EVIL, "null", "http://192.0.2.1:8000", "http://192.0.2.2:4200"] {
        assert_eq!(local_mode_on_any_address(&[host, ("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
    }
}

#[tokio::test]
async fn local_mode_rejects_pages_of_other_origins() {
    let host = ("host", "localhost:4200");
    for origin in ["http://localhost:4200", "http://127.0.0.1:4200"] {
        assert_eq!(local_mode("POST", &[host, ("origin", origin)]).await, StatusCode::OK, "{origin}");
    }
    for origin in [EVIL, "null", "http://localhost:8000", "https://localhost:4200"] {
        assert_eq!(local_mode("GET", &[host, ("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
    }
}
