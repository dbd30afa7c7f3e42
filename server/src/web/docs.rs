//! `/api/docs`: the page that shows the API's OpenAPI document. It is public, and not one of the pages of `app`: Swagger UI draws it,
//! which the build of the site has put among the static files.

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

/// The part of the build's list of hashed names that this page needs.
#[derive(Deserialize)]
struct Manifest {
    docs: String,
}

/// The route of the page.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let manifest = assets::manifest().and_then(|manifest| serde_json::from_slice::<Manifest>(&manifest).ok());
    // Without the site's files the page has a link to the document.
    let page = PAGE.replace(FOLDER, manifest.as_ref().map_or("docs", |manifest| &manifest.docs));
    Router::new().route("/api/docs", get(async move || respond(page)))
}

fn respond(page: String) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, DOCS_POLICY)], page)
}
