//! `/api/docs`: the page that shows the API's OpenAPI document. It is public, and not one of the pages of `app`: Swagger UI draws it,
//! which the build of the site has put among the static files.

use std::collections::BTreeMap;

use axum::{
    Router,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use serde::Deserialize;

use super::{assets, headers::DOCS_POLICY};

const PAGE: &str = include_str!("docs/page.html");
/// In the page, the folder of its files.
const FOLDER: &str = "FOLDER";
/// In the page, the file of the icon.
const ICON: &str = "ICON";

/// The part of the build's list of hashed names that this page needs.
#[derive(Deserialize)]
struct Manifest {
    docs: String,
    /// By its name in the folder `public`, a file of it.
    public: BTreeMap<String, String>,
}

/// The route of the page.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let manifest = assets::manifest().and_then(|manifest| serde_json::from_slice::<Manifest>(&manifest).ok());
    // Without the site's files the page has a link to the document.
    let page = PAGE.replace(FOLDER, manifest.as_ref().map_or("docs", |manifest| &manifest.docs));
    let icon = manifest.as_ref().and_then(|manifest| manifest.public.get("favicon.svg"));
    let page = page.replace(ICON, icon.map_or("favicon.svg", |icon| icon));
    Router::new().route("/api/docs", get(async move || respond(page)))
}

fn respond(page: String) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, DOCS_POLICY)], page)
}
