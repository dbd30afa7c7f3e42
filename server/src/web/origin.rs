//! Whether a request that a browser sends on its own accord, with a cookie or to this machine, comes from our own pages.

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

use super::sessions::cookie_name;
use crate::config::{Config, PublicUrl};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is compared with.
#[derive(Clone, Debug)]
pub struct OriginGuard(Arc<Ours>);

#[derive(Debug)]
struct Ours {
    origin: String,
    host: String,
    reach: Reach,
}

/// What the guard keeps out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reach {
    /// People sign in: a page elsewhere must not act in the name of the cookie called this.
    SignIn { cookie: &'static str },
    /// Everybody is answered: a page elsewhere must not get at that through a browser which reaches this server.
    Local { on_any_address: bool },
}

/// Why a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    #[error("this request did not come from a page of this server (its Origin header names another)")]
    Origin,
    #[error(
        "in local mode this server is not reached under this name (see the Host header): use localhost, 127.0.0.1, [::1], or \
         what --public-url says; with --local-on-any-address any IP address will do"
    )]
    Host,
    #[error("in local mode pages of other sites are not answered (see the Origin header)")]
    Foreign,
}

impl OriginGuard {
    /// A guard of the server that is reached under `public_url`.
    #[must_use]
    pub fn new(config: &Config, public_url: &PublicUrl) -> Self {
        let reach = if config.local {
            Reach::Local { on_any_address: config.local_on_any_address }
        } else {
            Reach::SignIn { cookie: cookie_name(public_url.is_https()) }
        };
        Self(Arc::new(Ours { origin: public_url.origin(), host: public_url.host().to_owned(), reach }))
    }

    /// Judges a request by its head.
    pub fn judge(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Refused> {
        let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or("null"));
        match self.0.reach {
            Reach::Local { on_any_address } => self.0.judge_local(on_any_address, host(uri, headers), origin),
            Reach::SignIn { cookie } => self.0.judge_browser(cookie, method, uri, headers, origin),
        }
    }
}

impl Ours {
    fn judge_local(&self, on_any_address: bool, host: Option<&str>, origin: Option<&str>) -> Result<(), Refused> {
        let named = host.filter(|host| {
            let name = without_port(host);
            let known = ["localhost", "127.0.0.1", "[::1]", &*self.host];
            known.iter().any(|known| name.eq_ignore_ascii_case(known)) || (on_any_address && is_address(name))
        });
        let host = named.ok_or(Refused::Host)?;
        let ours = origin.is_none_or(|origin| origin == self.origin || origin == format!("http://{host}"));
        if ours { Ok(()) } else { Err(Refused::Foreign) }
    }

    /// What may change something or opens a socket comes from our own pages, where a browser sends it: one that tells an origin, or has
    /// our cookie. The API takes no cookie, so it has no need of this.
    fn judge_browser(
        &self,
        cookie: &str,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        origin: Option<&str>,
    ) -> Result<(), Refused> {
        let acts = !matches!(*method, Method::GET | Method::HEAD) || headers.contains_key(UPGRADE);
        if !acts || is_of_api(uri) || (origin.is_none() && !has_cookie(headers, cookie)) {
            return Ok(());
        }
        let same_site = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin");
        if same_site || origin == Some(&*self.origin) { Ok(()) } else { Err(Refused::Origin) }
    }
}

/// What a Host header names.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a host is an address: only a name can be made to lead somewhere else after a page was loaded from it.
fn is_address(host: &str) -> bool {
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    in_brackets.map_or_else(|| host.parse::<Ipv4Addr>().is_ok(), |host| host.parse::<Ipv6Addr>().is_ok())
}

fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    let sent = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    sent.filter_map(|cookie| cookie.split(|byte| *byte == b'=').next()).any(|sent| sent.trim_ascii() == name.as_bytes())
}

fn is_of_api(uri: &Uri) -> bool {
    uri.path() == "/api" || uri.path().starts_with("/api/")
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
        Err(refused) if is_of_api(request.uri()) => ApiError::Forbidden(refused.to_string()).into_response(),
        Err(refused) => (StatusCode::FORBIDDEN, refused.to_string()).into_response(),
    }
}

#[cfg(test)]
mod tests;
