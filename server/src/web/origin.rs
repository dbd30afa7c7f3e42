//! Whether a request that a browser sends on its own accord, with a cookie or to this machine, comes from our own pages.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, Method, StatusCode, Uri,
        header::{COOKIE, HOST, ORIGIN, UPGRADE},
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::config::PublicUrl;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is compared with.
#[derive(Clone, Debug)]
pub struct OriginGuard(Arc<Ours>);

#[derive(Debug)]
struct Ours {
    origin: String,
    host: String,
    /// Answers without sign-in: then a page elsewhere must not get at them through a browser on this machine.
    local: bool,
}

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    #[error("this request did not come from a page of this server (its Origin header names another)")]
    Cookie,
    #[error("in local mode this server is only reached as localhost, 127.0.0.1 or [::1] (see the Host header)")]
    Host,
    #[error("in local mode pages of other sites are not answered (see the Origin header)")]
    Foreign,
}

impl OriginGuard {
    /// A guard of the server that is reached under `public_url`.
    #[must_use]
    pub fn new(public_url: &PublicUrl, local: bool) -> Self {
        Self(Arc::new(Ours { origin: public_url.origin(), host: public_url.host().to_owned(), local }))
    }

    /// Judges a request by its head.
    pub fn judge(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refused> {
        let ours = &*self.0;
        let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or("null"));
        if ours.local {
            let host = host(uri, headers).filter(|host| ours.is_local(host)).ok_or(Refused::Host)?;
            if origin.is_some_and(|origin| origin != ours.origin && origin != format!("http://{host}")) {
                return Err(Refused::Foreign);
            }
        }
        let same_site = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin");
        if acts_by_cookie(method, headers) && origin != Some(&*ours.origin) && !same_site {
            return Err(Refused::Cookie);
        }
        Ok(())
    }
}

impl Ours {
    /// A name under which only this machine is reached: a page elsewhere can make its own name lead here, not these.
    fn is_local(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port),
            _ => (host, ""),
        };
        let known = ["localhost", "127.0.0.1", "[::1]", &*self.host];
        port.bytes().all(|digit| digit.is_ascii_digit()) && known.iter().any(|known| name.eq_ignore_ascii_case(known))
    }
}

/// Whether the request may change something, or opens a socket, in the name of a cookie's owner.
fn acts_by_cookie(method: &Method, headers: &HeaderMap) -> bool {
    let acts = !matches!(*method, Method::GET | Method::HEAD) || headers.contains_key(UPGRADE);
    acts && headers.contains_key(COOKIE)
}

/// The host that was asked for; nothing if that is told twice.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Lets through what [`OriginGuard::judge`] finds good. A layer for `axum::middleware::from_fn_with_state`.
pub async fn guard_origin(State(guard): State<OriginGuard>, request: Request, next: Next) -> Response {
    match guard.judge(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => (StatusCode::FORBIDDEN, refused.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{Router, body::Body, http::Request, http::StatusCode, middleware, routing::any};
    use tower::ServiceExt as _;

    use super::{OriginGuard, Ours, guard_origin};

    const HOME: &str = "https://provost.example.org";

    fn guard(origin: &str, host: &str, local: bool) -> OriginGuard {
        OriginGuard(Arc::new(Ours { origin: origin.to_owned(), host: host.to_owned(), local }))
    }

    async fn status(guard: OriginGuard, method: &str, headers: &[(&str, &str)]) -> StatusCode {
        let router =
            Router::new().route("/", any(async || "in")).layer(middleware::from_fn_with_state(guard, guard_origin));
        let mut request = Request::builder().method(method).uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
    }

    async fn with_cookie(method: &str, headers: &[(&str, &str)]) -> StatusCode {
        let headers: Vec<_> = [("cookie", "session=x")].iter().chain(headers).copied().collect();
        status(guard(HOME, "provost.example.org", false), method, &headers).await
    }

    async fn local(method: &str, headers: &[(&str, &str)]) -> StatusCode {
        status(guard("http://127.0.0.1:4200", "127.0.0.1", true), method, headers).await
    }

    #[tokio::test]
    async fn a_cookie_acts_only_from_our_own_pages() {
        let evil = "https://evil.example";
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            assert_eq!(with_cookie(method, &[("origin", HOME)]).await, StatusCode::OK);
            assert_eq!(with_cookie(method, &[("sec-fetch-site", "same-origin")]).await, StatusCode::OK);
            for headers in [
                &[][..],
                &[("origin", evil)],
                &[("origin", "null")],
                &[("origin", "http://provost.example.org")],
                &[("origin", "https://provost.example.org.evil.example")],
                &[("origin", evil), ("sec-fetch-site", "cross-site")],
                &[("sec-fetch-site", "same-site")],
                &[("sec-fetch-site", "none")],
                &[("referer", HOME)],
            ] {
                assert_eq!(with_cookie(method, headers).await, StatusCode::FORBIDDEN, "{method} {headers:?}");
            }
        }
    }

    #[tokio::test]
    async fn reading_needs_nothing_but_a_socket_does() {
        assert_eq!(with_cookie("GET", &[]).await, StatusCode::OK);
        assert_eq!(with_cookie("HEAD", &[("origin", "https://evil.example")]).await, StatusCode::OK);
        let upgrade = ("upgrade", "websocket");
        assert_eq!(with_cookie("GET", &[upgrade, ("origin", HOME)]).await, StatusCode::OK);
        assert_eq!(with_cookie("GET", &[upgrade]).await, StatusCode::FORBIDDEN);
        assert_eq!(with_cookie("GET", &[upgrade, ("origin", "https://evil.example")]).await, StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn a_key_is_no_cookie() {
        let key = [("authorization", "Bearer pnu_x"), ("origin", "https://evil.example")];
        assert_eq!(status(guard(HOME, "provost.example.org", false), "POST", &key).await, StatusCode::OK);
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
            "[::2]",
            "",
        ] {
            assert_eq!(local("GET", &[("host", host)]).await, StatusCode::FORBIDDEN, "{host}");
        }
        assert_eq!(local("GET", &[]).await, StatusCode::FORBIDDEN);
        assert_eq!(local("GET", &[("host", "localhost"), ("host", "evil.example")]).await, StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn local_mode_answers_no_foreign_page() {
        let host = ("host", "localhost:4200");
        for origin in ["http://localhost:4200", "http://127.0.0.1:4200"] {
            assert_eq!(local("POST", &[host, ("origin", origin)]).await, StatusCode::OK, "{origin}");
        }
        for origin in ["https://evil.example", "null", "http://localhost:8000", "https://localhost:4200"] {
            assert_eq!(local("GET", &[host, ("origin", origin)]).await, StatusCode::FORBIDDEN, "{origin}");
        }
    }
}
