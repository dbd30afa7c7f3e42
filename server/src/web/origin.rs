//! Protection against cross-site requests: a request that a browser sends with a cookie, or to a server in local mode, must come
//! from a page of this server.

use std::{net::Ipv4Addr, net::Ipv6Addr, sync::Arc};

use api::error::ApiError;
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, Method, StatusCode, Uri,
        header::{COOKIE, HOST, ORIGIN, UPGRADE},
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use cookie::Cookie;

use super::sessions::cookie_name;
use crate::config::{Config, PublicUrl};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Checks the origin of requests.
#[derive(Clone, Debug)]
pub struct OriginGuard(Arc<Expected>);

#[derive(Debug)]
struct Expected {
    origin: String,
    host: String,
    mode: Mode,
}

/// What the guard protects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    /// Accounts: a page of another site must not send requests with the session cookie of this name.
    SignIn { cookie: &'static str },
    /// Local mode without sign-in: a page of another site must not reach the server through a browser.
    Local { on_any_address: bool },
}

/// Why a request is rejected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OriginError {
    #[error("this request did not come from a page of this server (its Origin header names another)")]
    Origin,
    #[error(
        "in local mode this server does not accept this host name (see the Host header); use localhost, 127.0.0.1, [::1] or the \
         host set with --public-url; with --local-on-any-address, any IP address works"
    )]
    Host,
    #[error("in local mode requests from other sites are rejected (see the Origin header)")]
    Foreign,
}

impl OriginGuard {
    /// A guard for the server at `public_url`.
    #[must_use]
    pub fn new(config: &Config, public_url: &PublicUrl) -> Self {
        let mode = if config.local {
            Mode::Local { on_any_address: config.local_on_any_address }
        } else {
            Mode::SignIn { cookie: cookie_name(public_url.is_https()) }
        };
        Self(Arc::new(Expected { origin: public_url.origin(), host: public_url.host().to_owned(), mode }))
    }

    /// Checks a request by its method, URI and headers.
    pub fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), OriginError> {
        let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or("null"));
        match self.0.mode {
            Mode::Local { on_any_address } => self.0.check_local(on_any_address, request_host(uri, headers), origin),
            Mode::SignIn { cookie } => self.0.check_browser(cookie, method, uri, headers, origin),
        }
    }
}

impl Expected {
    /// The `Host` is checked too, because a page of another site can point a name of its own at this server (DNS rebinding).
    fn check_local(&self, on_any_address: bool, host: Option<&str>, origin: Option<&str>) -> Result<(), OriginError> {
        let allowed = host.filter(|host| {
            let name = without_port(host);
            let known = ["localhost", "127.0.0.1", "[::1]", &*self.host];
            known.iter().any(|known| name.eq_ignore_ascii_case(known)) || (on_any_address && is_address(name))
        });
        let host = allowed.ok_or(OriginError::Host)?;
        let same_origin = origin.is_none_or(|origin| origin == self.origin || origin == format!("http://{host}"));
        if same_origin { Ok(()) } else { Err(OriginError::Foreign) }
    }

    /// A browser's request that may change something or opens a socket must come from a page of this server. A request counts as
    /// a browser's if it has an `Origin` or the session cookie. The API accepts no cookie, so it needs no check.
    fn check_browser(
        &self,
        cookie: &str,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        origin: Option<&str>,
    ) -> Result<(), OriginError> {
        let unsafe_request = !matches!(*method, Method::GET | Method::HEAD) || headers.contains_key(UPGRADE);
        if !unsafe_request || is_api(uri) || (origin.is_none() && !has_cookie(headers, cookie)) {
            return Ok(());
        }
        let same_origin = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin");
        if same_origin || origin == Some(&*self.origin) { Ok(()) } else { Err(OriginError::Origin) }
    }
}

/// The name or address in a `Host` header.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a host is an IP address. Only a name can be pointed at another address after a page was loaded from it.
fn is_address(host: &str) -> bool {
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    in_brackets.map_or_else(|| host.parse::<Ipv4Addr>().is_ok(), |host| host.parse::<Ipv6Addr>().is_ok())
}

/// Whether the session cookie may be among the cookies: one that can't be parsed counts as it.
fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(COOKIE).iter().any(|value| {
        let cookies = std::str::from_utf8(value.as_bytes()).map(Cookie::split_parse_encoded);
        cookies.map_or(true, |mut cookies| cookies.any(|cookie| cookie.map_or(true, |cookie| cookie.name() == name)))
    })
}

fn is_api(uri: &Uri) -> bool {
    uri.path() == "/api" || uri.path().starts_with("/api/")
}

/// The host of the request; `None` if it has several `Host` headers.
fn request_host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(authority) = uri.authority() {
        return Some(authority.as_str());
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Rejects a request that fails [`OriginGuard::check`]. A layer for `axum::middleware::from_fn_with_state`.
pub async fn check_origin(State(guard): State<OriginGuard>, request: Request, next: Next) -> Response {
    match guard.check(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) if is_api(request.uri()) => ApiError::Forbidden(error.to_string()).into_response(),
        Err(error) => (StatusCode::FORBIDDEN, error.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests;
