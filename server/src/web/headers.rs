//! Headers that every answer carries, so that a browser does with it what is meant and nothing else.

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};

const YEAR: &str = "max-age=31536000";
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Whether browsers shall insist on https from now on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hsts(pub bool);

/// What a page may load and run. A page whose scripts stand within it names their nonce.
#[must_use]
pub fn content_security_policy(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{nonce}; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// Sets what the answer has not set itself. A layer for `axum::middleware::from_fn_with_state`.
///
/// Nothing is kept by caches unless it says so: answers of the API and pages are one person's.
pub async fn guard_answer(State(Hsts(hsts)): State<Hsts>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With no-referrer a browser would send plain forms with `Origin: null`.
        (REFERRER_POLICY, "same-origin"),
        (X_FRAME_OPTIONS, "DENY"),
        (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    ];
    for (name, value) in fixed.into_iter().chain(hsts.then_some((STRICT_TRANSPORT_SECURITY, YEAR))) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert_with(|| HeaderValue::try_from(content_security_policy(None)).expect("the policy is plain ASCII"));
    response
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, http::HeaderMap, http::Request, middleware, routing::get};
    use tower::ServiceExt as _;

    use super::{Hsts, content_security_policy, guard_answer};

    async fn headers(path: &str, hsts: bool) -> HeaderMap {
        let page = async || [("content-security-policy", content_security_policy(Some("r4nd0m")))];
        let file = async || [("cache-control", "public, max-age=60")];
        let router = Router::new()
            .route("/page", get(page))
            .route("/file", get(file))
            .layer(middleware::from_fn_with_state(Hsts(hsts), guard_answer));
        let response = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        response.headers().clone()
    }

    #[tokio::test]
    async fn every_answer_is_guarded_even_one_without_a_route() {
        for path in ["/page", "/file", "/nowhere"] {
            let headers = headers(path, false).await;
            assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
            assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
            let policy = headers["content-security-policy"].to_str().unwrap();
            for part in ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
            assert!(!headers.contains_key("strict-transport-security"), "{path}");
        }
    }

    #[tokio::test]
    async fn what_an_answer_says_itself_stands() {
        let page = headers("/page", false).await;
        let policy = page["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'nonce-r4nd0m';"), "{policy}");
        assert_eq!(page.get_all("content-security-policy").iter().count(), 1);
        assert_eq!(page["cache-control"], "no-store");
        assert_eq!(headers("/file", false).await["cache-control"], "public, max-age=60");
    }

    #[tokio::test]
    async fn https_is_insisted_on_where_it_is_served() {
        assert_eq!(headers("/page", true).await["strict-transport-security"], "max-age=31536000");
    }
}
