//! Everything that is served, and the layers around it, the outermost last.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{from_fn_with_state, map_request},
};
use control::Cx;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutBody};

use crate::{
    config::{Config, PublicUrl},
    telemetry::{RequestIds, log_request},
    web::{
        assets,
        client_ip::find_client,
        headers::{Hsts, guard_answer},
        origin::{OriginGuard, guard_origin},
    },
};

/// How long a client may pause while it sends a body.
const BODY_PAUSE: Duration = Duration::from_secs(30);

/// The API, the site's files and `pages`, behind the layers that hold for all of them.
pub fn router(cx: &Cx, config: &Config, public_url: &PublicUrl, pages: Router) -> Router {
    let names = RequestIds { ids: cx.ids.clone(), clock: cx.clock.clone() };
    let trusted: Arc<[_]> = config.trusted_proxies.as_slice().into();
    pages
        .merge(assets::routes())
        .nest_service("/api", api::router::router(cx.clone()))
        .layer(map_request(bound_body))
        .layer(from_fn_with_state(trusted, find_client))
        .layer(from_fn_with_state(OriginGuard::new(public_url, config.local), guard_origin))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(Hsts(public_url.is_https()), guard_answer))
        .layer(from_fn_with_state(names, log_request))
}

async fn bound_body(request: Request) -> Request {
    request.map(|body| Body::new(TimeoutBody::new(BODY_PAUSE, body)))
}
