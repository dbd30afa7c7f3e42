//! Signing in by an identity provider: the routes that send a browser there, and those to which it comes back.
//!
//! They are links and not forms, because the content security policy lets forms lead to this server only. What a sign-in does is decided
//! in `control::person::provider`; this module knows cookies and URLs.

mod answer;
mod callback;
mod cookie;
mod start;

use axum::{Router, middleware::from_fn, routing::get};
use control::Cx;

use super::time_limit::limit_page_time;

/// The cookies are sent over https only.
#[derive(Clone)]
struct AuthState {
    cx: Cx,
    secure: bool,
}

/// The routes. Their router needs the session layer.
pub fn routes(cx: &Cx, secure: bool) -> Router {
    Router::new()
        .route("/auth/provider/{name}", get(start::start))
        .route("/auth/callback/{name}", get(callback::callback))
        .layer(from_fn(limit_page_time))
        .with_state(AuthState { cx: cx.clone(), secure })
}
