//! The routes of the pages: each URL of the site, each server function, and the 404 page.
//!
//! This module passes the session, client and request id to `app`. It must not know single pages.

use app::{Assets, context::RequestContext, routes::ROUTES, shell};
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header::CONTENT_SECURITY_POLICY, request::Parts},
    middleware::from_fn,
    routing::get,
};
use control::{Cx, access::ClientInfo, session::Session};
use identity::ClientIp;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::use_context};
use leptos_axum::{LeptosRoutes as _, ResponseOptions};
use model::id::RequestId;
use tower_http::limit::RequestBodyLimitLayer;

use super::{assets, compression, headers::content_security_policy, live, sessions, time_limit::limit_page_time};
use crate::config::PublicUrl;

/// Larger than any form of the pages.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Pages, server functions, the live socket and the 404 page, behind the session layer.
pub fn pages(cx: &Cx, public_url: &PublicUrl) -> Router {
    // Leptos requires a name, but does not use it: the shell writes the hashed names.
    let options = LeptosOptions::builder().output_name("app").build();
    let assets = load_assets();
    let document = move || shell(assets.as_ref());
    let context = {
        let cx = cx.clone();
        move || provide_request_context(&cx)
    };
    // Without paths, this adds the server functions alone.
    let functions = Router::new().leptos_routes_with_context(&options, Vec::new(), context.clone(), document.clone());
    let page = {
        let cx = cx.clone();
        move |mut request: Request| async move {
            zone::insert(&cx, &mut request).await;
            stream::respond(context, document, request).await
        }
    };
    ROUTES
        .iter()
        .fold(functions, |router, route| router.route(&route.path(), get(page.clone())))
        .fallback(page)
        .with_state(options)
        .layer(RequestBodyLimitLayer::new(MAX_FORM_BYTES))
        .layer(from_fn(limit_page_time))
        .layer(compression::of_pages())
        .merge(live::routes(cx))
        .layer(sessions::layer(cx, public_url.is_https()))
}

/// The hashed names of the site's files. Without them pages have no style or script, but forms still work.
fn load_assets() -> Option<Assets> {
    let manifest = assets::manifest().and_then(|manifest| serde_json::from_slice(&manifest).ok());
    if manifest.is_none() {
        tracing::warn!("this program was built without the site's files: pages have no style and no scripts");
    }
    manifest
}

/// Provides the context of one request to the pages.
fn provide_request_context(cx: &Cx) {
    // There is no request while the list of routes is generated.
    let Some(parts) = use_context::<Parts>() else { return };
    let Some(session) = parts.extensions.get::<Session>().cloned() else { return };
    let address = parts.extensions.get::<ClientIp>().map(|client| client.0);
    let request = parts.extensions.get::<RequestId>().copied();
    RequestContext::new(cx.clone(), session, ClientInfo { address }, request).provide();
    allow_inline_scripts();
}

/// Adds the nonce of the page's inline scripts to the response's content security policy.
fn allow_inline_scripts() {
    let policy = use_nonce().and_then(|nonce| HeaderValue::try_from(content_security_policy(Some(&nonce))).ok());
    if let (Some(policy), Some(response)) = (policy, use_context::<ResponseOptions>()) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

mod stream;
#[cfg(test)]
mod tests;
mod zone;
