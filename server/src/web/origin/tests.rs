use std::sync::Arc;

use axum::{Router, body::Body, http::Request, http::StatusCode, middleware, routing::any};
use tower::ServiceExt as _;

use super::{OriginGuard, Ours, Reach, guard_origin};

const HOME: &str = "https://provost.example.org";
const EVIL: &str = "https://evil.example";

fn guard(origin: &str, host: &str, reach: Reach) -> OriginGuard {
    OriginGuard(Arc::new(Ours { origin: origin.to_owned(), host: host.to_owned(), reach }))
}

async fn status(guard: OriginGuard, method: &str, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let router =
        Router::new().route(path, any(async || "in")).layer(middleware::from_fn_with_state(guard, guard_origin));
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

async fn at(path: &str, method: &str, headers: &[(&str, &str)]) -> StatusCode {
    let guard = guard(HOME, "provost.example.org", Reach::SignIn { cookie: "__Host-provost" });
    status(guard, method, path, headers).await
}

async fn with_cookie(method: &str, headers: &[(&str, &str)]) -> StatusCode {
    let headers: Vec<_> = [("cookie", "lb=7; __Host-provost=x")].iter().chain(headers).copied().collect();
    at("/", method, &headers).await
}

async fn local(method: &str, headers: &[(&str, &str)]) -> StatusCode {
    let guard = guard("http://127.0.0.1:4200", "127.0.0.1", Reach::Local { on_any_address: false });
    status(guard, method, "/", headers).await
}

async fn on_any_address(headers: &[(&str, &str)]) -> StatusCode {
    status(guard(HOME, "provost.example.org", Reach::Local { on_any_address: true }), "POST", "/", headers).await
}

#[tokio::test]
async fn a_cookie_acts_only_from_our_own_pages() {
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
async fn a_page_elsewhere_gives_nobody_a_cookie_either() {
    assert_eq!(at("/", "POST", &[("origin", EVIL)]).await, StatusCode::FORBIDDEN);
    assert_eq!(at("/", "POST", &[("origin", HOME)]).await, StatusCode::OK);
    assert_eq!(at("/", "POST", &[]).await, StatusCode::OK, "no browser");
}

#[tokio::test]
async fn reading_needs_nothing_but_a_socket_does() {
    assert_eq!(with_cookie("GET", &[]).await, StatusCode::OK);
    assert_eq!(with_cookie("HEAD", &[("origin", EVIL)]).await, StatusCode::OK);
    let upgrade = ("upgrade", "websocket");
    assert_eq!(with_cookie("GET", &[upgrade, ("origin", HOME)]).await, StatusCode::OK);
    assert_eq!(with_cookie("GET", &[upgrade]).await, StatusCode::FORBIDDEN);
    assert_eq!(with_cookie("GET", &[upgrade, ("origin", EVIL)]).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_api_takes_a_key_and_no_cookie() {
    for cookie in ["AWSALB=abc", "lb=7; __Host-provost=x"] {
        let key = [("authorization", "Bearer pnu_x"), ("origin", EVIL), ("cookie", cookie)];
        assert_eq!(at("/api/flows", "POST", &key).await, StatusCode::OK, "{cookie}");
    }
}

#[tokio::test]
async fn cookies_of_others_are_no_cookie_of_ours() {
    for cookie in ["AWSALB=abc", "x__Host-provost=1", "a=__Host-provost=1", "provost=1"] {
        assert_eq!(at("/", "POST", &[("cookie", cookie)]).await, StatusCode::OK, "{cookie}");
    }
    for cookie in ["__Host-provost", "a=1;__Host-provost=x", "__Host-provost =x"] {
        assert_eq!(at("/", "POST", &[("cookie", cookie)]).await, StatusCode::FORBIDDEN, "{cookie}");
    }
    let two = [("cookie", "AWSALB=abc"), ("cookie", "__Host-provost=x")];
    assert_eq!(at("/", "POST", &two).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn local_mode_is_reached_under_loopback_names_alone() {
    for host in ["localhost", "LOCALHOST:4200", "127.0.0.1", "127.0.0.1:4200", "[::1]", "[::1]:4200"] {
        assert_eq!(local("POST", &[("host", host)]).await, StatusCode::OK, "{host}");
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
        assert_eq!(local("GET", &[("host", host)]).await, StatusCode::FORBIDDEN, "{host}");
    }
    assert_eq!(local("GET", &[]).await, StatusCode::FORBIDDEN);
    assert_eq!(local("GET", &[("host", "localhost"), ("host", "evil.example")]).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn on_any_address_it_is_reached_under_addresses_and_its_own_name() {
    let hosts = ["192.0.2.1:4200", "[2001:db8::1]:4200", "[2001:db8::1]", "localhost:4200", "Provost.example.org"];
    for host in hosts {
        assert_eq!(on_any_address(&[("host", host)]).await, StatusCode::OK, "{host}");
    }
    for host in ["evil.example:4200", "provost.example.org.evil.example", "192.0.2.1.evil.example", "[evil]", "1.2.3"] {
        assert_eq!(on_any_address(&[("host", host)]).await, StatusCode::FORBIDDEN, "{host}");
    }
    let host = ("host", "192.0.2.1:4200");
    assert_eq!(on_any_address(&[host, ("origin", "http://192.0.2.1:4200")]).await, StatusCode::OK);
    assert_eq!(on_any_address(&[host, ("origin", HOME)]).await, StatusCode::OK);
    for origin in [EVIL, "null", "http://192.0.2.1:8000", "http://192.0.2.2:4200"] {
        assert_eq!(on_any_address(&[host, ("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
    }
}

#[tokio::test]
async fn local_mode_answers_no_foreign_page() {
    let host = ("host", "localhost:4200");
    for origin in ["http://localhost:4200", "http://127.0.0.1:4200"] {
        assert_eq!(local("POST", &[host, ("origin", origin)]).await, StatusCode::OK, "{origin}");
    }
    for origin in [EVIL, "null", "http://localhost:8000", "https://localhost:4200"] {
        assert_eq!(local("GET", &[host, ("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
    }
}
