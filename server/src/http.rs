//! Everything that is served, and the layers around it, the outermost last.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};
use control::Cx;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    config::{Config, PublicUrl},
    telemetry::{RequestIds, log_request},
    web::{
        assets,
        client_ip::find_client,
        headers::{Hsts, guard_answer},
        origin::{OriginGuard, guard_origin},
        plain,
    },
};

/// The API, the site's files and `pages`, behind the layers that hold for all of them.
pub fn router(cx: &Cx, config: &Config, public_url: &PublicUrl, pages: Router) -> Router {
    let names = RequestIds { ids: cx.ids.clone(), clock: cx.clock.clone() };
    let trusted: Arc<[_]> = config.connections.trusted_proxies.as_slice().into();
    pages
        .merge(assets::routes())
        // It answers its own panics, in its own way.
        .nest_service("/api", api::router::router(cx.clone()))
        .layer(from_fn_with_state(trusted, find_client))
        .layer(from_fn_with_state(OriginGuard::new(config, public_url), guard_origin))
        .layer(CatchPanicLayer::custom(plain::panicked))
        .layer(from_fn_with_state(Hsts(public_url.is_https()), guard_answer))
        .layer(from_fn_with_state(names, log_request))
}
