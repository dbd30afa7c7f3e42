//! The pages, as routes: each address of the site, each server function, and the page for what is not there.
//!
//! It knows what a request brings along (session, client, name) and hands it to `app`; it knows no page.

use std::sync::OnceLock;

use app::{App, Assets, context::Visit, shell};
use axum::{
    Router,
    http::{HeaderValue, header::CONTENT_SECURITY_POLICY, request::Parts},
    middleware::from_fn,
};
use control::{Cx, access::Origin, session::Session};
use identity::ClientIp;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::use_context};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list, render_app_async_with_context,
};
use model::id::RequestId;
use tower_http::limit::RequestBodyLimitLayer;

use super::{assets, headers::content_security_policy, live, sessions, time_limit::give_up};
use crate::config::PublicUrl;

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
        .leptos_routes_with_context(&options, routes(), context.clone(), document.clone())
        .fallback(render_app_async_with_context(context, document))
        .with_state(options)
        .layer(RequestBodyLimitLayer::new(LARGEST_FORM))
        .layer(from_fn(give_up))
        .merge(live::routes(cx))
        .layer(sessions::layer(cx, public_url.is_https()))
}

/// The address of every page.
///
/// The list is made once in a process, and before the first page. Making it tells every resource of the whole process not to
/// load, and one that is begun meanwhile never does: its page would wait for ever (leptos-rs/leptos#4773).
fn routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes the list")]
    ROUTES.get_or_init(|| generate_route_list(App)).clone()
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
