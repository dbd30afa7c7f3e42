//! The router of the whole server and its middleware. The last layer is the outermost.

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state};
use control::Cx;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    config::{Config, PublicUrl},
    telemetry::{RequestIds, log_request},
    web::{
        assets,
        client_ip::insert_client_ip,
        compression, docs,
        headers::{Hsts, set_security_headers},
        origin::{OriginGuard, check_origin},
        plain_error,
    },
};

/// The API, the site's files and `pages`, behind the middleware that applies to all of them.
pub fn router(cx: &Cx, config: &Config, public_url: &PublicUrl, pages: Router) -> Router {
    let request_ids = RequestIds { ids: cx.ids.clone(), clock: cx.clock.clone() };
    let trusted_proxies: Arc<[_]> = config.connections.trusted_proxies.as_slice().into();
    pages
        .merge(assets::routes())
        .merge(docs::routes())
        // The API has its own panic handler, which returns its own error format.
        .nest_service("/api", api::router::router(cx.clone()).layer(compression::of_answers()))
        .layer(from_fn_with_state(trusted_proxies, insert_client_ip))
        .layer(from_fn_with_state(OriginGuard::new(config, public_url), check_origin))
        .layer(CatchPanicLayer::custom(plain_error::panicked))
        .layer(from_fn_with_state(Hsts(public_url.is_https()), set_security_headers))
        .layer(from_fn_with_state(request_ids, log_request))
}
