//! The router: built from the table of routes, with the layers that all of them share.

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use control::Cx;
use http::{Method, Uri};
use tower::{ServiceExt as _, util::MapRequestLayer};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    error::ApiError,
    normalize_path, not_built,
    route::{Mount, Route},
    routes, version,
};

/// The prefix of a workspace's routes.
pub const WORKSPACE: &str = "/accounts/{account}/workspaces/{workspace}";

/// The complete API, to be mounted with `nest_service` at `/api`.
pub fn router(cx: Cx) -> Router {
    let built = routes::all();
    let not_built: Router = build(not_built::routes(&built))
        .fallback(no_such_operation)
        // Not 405: a client does not need to know that the path exists with another method.
        .method_not_allowed_fallback(no_such_operation)
        .with_state(cx.clone());
    let other_methods = not_built.clone();
    let table = build(built)
        .fallback_service(not_built)
        .method_not_allowed_fallback(move |request: Request| other_methods.oneshot(request))
        .layer(from_fn(version::check))
        .with_state(cx);
    // Wrapped around the router, because a layer of the router itself runs after the path was matched.
    let normalized = tower::Layer::layer(&MapRequestLayer::new(normalize_path::normalize), table);
    Router::new().fallback_service(normalized).layer(CatchPanicLayer::custom(on_panic))
}

fn build<S: Clone + Send + Sync + 'static>(routes: Vec<Route<S>>) -> Router<S> {
    let mut router = Router::new();
    for Route { path, mount, service, .. } in routes {
        if mount == Mount::Workspace {
            router = router.route(&format!("{WORKSPACE}{path}"), service.clone());
        }
        router = router.route(path, service);
    }
    router.route_layer(from_fn(attach_matched_path))
}

/// At most so many characters of the path are in the error.
const MAX_ECHOED_PATH: usize = 400;

async fn no_such_operation(method: Method, uri: Uri) -> ApiError {
    let path = uri.path();
    let shortened = path.char_indices().nth(MAX_ECHOED_PATH).map_or(path, |(end, _)| &path[..end]);
    ApiError::NoSuchOperation(format!("{method} {shortened}"))
}

/// Adds the matched route to the response's extensions, where the logging layer outside of this router reads it.
async fn attach_matched_path(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

#[expect(clippy::needless_pass_by_value, reason = "the layer defines the signature")]
fn on_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("no message"), "a handler panicked");
    ApiError::Internal.into_response()
}
