//! The pages, as routes: each address of the site, each server function, and the page for what is not there.
//!
//! It knows what a request brings along (session, client, name) and hands it to `app`; it knows no page.

use std::time::Duration;

use app::{App, Assets, context::Visit, shell};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header::CONTENT_SECURITY_POLICY, request::Parts},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
};
use control::{Cx, access::Origin, session::Session};
use identity::ClientIp;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::use_context};
use leptos_axum::{LeptosRoutes as _, ResponseOptions, generate_route_list, render_app_async_with_context};
use model::id::RequestId;
use tower_http::limit::RequestBodyLimitLayer;

use super::{assets, headers::content_security_policy, live, sessions};
use crate::config::PublicUrl;

/// Bigger than any page.
const LARGEST_PAGE: usize = 16 * 1024 * 1024;
/// Bigger than any form of the pages.
const LARGEST_FORM: usize = 64 * 1024;

/// Pages, server functions, the live socket and the page for everything else, behind the layer that reads sessions.
///
/// It needs a runtime: the list of routes is made by running the site's frame once.
pub fn pages(cx: &Cx, public_url: &PublicUrl) -> Router {
    // The name is not read: the shell writes the hashed ones.
    let options = LeptosOptions::builder().output_name("app").build();
    let assets = assets_of_manifest();
    let document = move || shell(assets.as_ref());
    let context = {
        let cx = cx.clone();
        move || provide(&cx)
    };
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context.clone(), document.clone())
        .fallback(render_app_async_with_context(context, document))
        .with_state(options)
        .layer(from_fn(in_time))
        .layer(RequestBodyLimitLayer::new(LARGEST_FORM))
        .merge(live::routes(cx))
        .layer(sessions::layer(cx, public_url.is_https()))
}

/// Far more than a page takes.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often a page is begun.
const TRIES: u32 = 3;

/// Begins a page anew that is not done in time: reading changes nothing, and no reader shall wait for ever.
///
/// The renderer can miss that the last piece of a page's data has come (leptos-rs/leptos#4851), about once in some thousand
/// pages on a busy machine; the next try then takes milliseconds.
async fn in_time(request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, _) = request.into_parts();
    for _ in 0..TRIES {
        let request = Request::from_parts(parts.clone(), Body::empty());
        match tokio::time::timeout(PATIENCE, whole(next.clone().run(request))).await {
            Ok(response) => return response,
            Err(_) => tracing::warn!(seconds = PATIENCE.as_secs(), "a page was not done in time"),
        }
    }
    (StatusCode::SERVICE_UNAVAILABLE, "This page takes too long. Try again in a moment.").into_response()
}

/// The answer once all of it is there: what can get stuck is its end.
async fn whole(answer: impl Future<Output = Response>) -> Response {
    let (parts, body) = answer.await.into_parts();
    match to_bytes(body, LARGEST_PAGE).await {
        Ok(body) => Response::from_parts(parts, Body::from(body)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The names of the site's files; without them pages are plain, and still work where they need no script.
fn assets_of_manifest() -> Option<Assets> {
    let manifest = assets::manifest().and_then(|manifest| serde_json::from_slice(&manifest).ok());
    if manifest.is_none() {
        tracing::warn!("this program was built without the site's files: pages have neither style nor scripts");
    }
    manifest
}

/// Hands a request to the pages.
fn provide(cx: &Cx) {
    // There is none while the list of routes is made.
    let Some(parts) = use_context::<Parts>() else { return };
    let Some(session) = parts.extensions.get::<Session>().cloned() else { return };
    let address = parts.extensions.get::<ClientIp>().map(|client| client.0);
    let request = parts.extensions.get::<RequestId>().copied();
    Visit { cx: cx.clone(), session, origin: Origin { address }, request }.provide();
    name_nonce();
}

/// Lets the scripts within the page run, and no others.
fn name_nonce() {
    let policy = use_nonce().and_then(|nonce| HeaderValue::try_from(content_security_policy(Some(&nonce))).ok());
    if let (Some(policy), Some(answer)) = (policy, use_context::<ResponseOptions>()) {
        answer.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

#[cfg(test)]
mod tests;
