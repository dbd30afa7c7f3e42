//! Security headers of every response.

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

const HSTS_ONE_YEAR: &str = "max-age=31536000";
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Whether responses make browsers use https only (`Strict-Transport-Security`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hsts(pub bool);

/// What a page may load and run. Images by `data:` URLs are those of artifacts; they can't run scripts or load anything. A page with inline scripts passes their nonce.
#[must_use]
pub fn content_security_policy(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    format!(
        "default-src 'self'; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'{nonce}; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// What the API's page may load and run: Swagger UI sets styles of elements and shows pictures from its own style sheet. It sends
/// requests to this server only, and has no forms that a browser submits.
pub const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                               connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Sets the headers that the response does not have yet. A layer for `axum::middleware::from_fn_with_state`.
///
/// By default a response is not cached, because responses of the API and pages are for one caller.
pub async fn set_security_headers(State(Hsts(hsts)): State<Hsts>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With no-referrer a browser would submit forms with `Origin: null`.
        (REFERRER_POLICY, "same-origin"),
        (X_FRAME_OPTIONS, "DENY"),
        (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    ];
    for (name, value) in fixed.into_iter().chain(hsts.then_some((STRICT_TRANSPORT_SECURITY, HSTS_ONE_YEAR))) {
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

    use super::{Hsts, content_security_policy, set_security_headers};

    async fn headers(path: &str, hsts: bool) -> HeaderMap {
        let page = async || [("content-security-policy", content_security_policy(Some("r4nd0m")))];
        let file = async || [("cache-control", "public, max-age=60")];
        let router = Router::new()
            .route("/page", get(page))
            .route("/file", get(file))
            .layer(middleware::from_fn_with_state(Hsts(hsts), set_security_headers));
        let response = router.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        response.headers().clone()
    }

    #[tokio::test]
    async fn every_response_has_security_headers_even_a_404() {
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
    async fn headers_of_the_response_itself_are_kept() {
        let page = headers("/page", false).await;
        let policy = page["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'nonce-r4nd0m';"), "{policy}");
        assert_eq!(page.get_all("content-security-policy").iter().count(), 1);
        assert_eq!(page["cache-control"], "no-store");
        assert_eq!(headers("/file", false).await["cache-control"], "public, max-age=60");
    }

    #[tokio::test]
    async fn hsts_is_sent_over_https() {
        assert_eq!(headers("/page", true).await["strict-transport-security"], "max-age=31536000");
    }
}
