//! The router: made of the table of routes, with what holds for all of them around it.

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use control::Cx;
use http::{Method, Uri};
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    error::ApiError,
    route::{Route, Scope},
    routes, slash, version,
};

/// The path of a workspace, below which its routes stand.
pub const WORKSPACE: &str = "/accounts/{account}/workspaces/{workspace}";

/// The whole API, to be mounted with `nest_service` at `/api`.
pub fn router(cx: Cx) -> Router {
    let table = assemble(routes::all()).layer(from_fn(version::check)).with_state(cx);
    // A layer of the router itself would see the path after it was matched.
    let tidied = tower::Layer::layer(&MapRequestLayer::new(slash::tidy), table);
    Router::new().fallback_service(tidied).layer(CatchPanicLayer::custom(panicked))
}

fn assemble<S: Clone + Send + Sync + 'static>(routes: Vec<Route<S>>) -> Router<S> {
    let mut router = Router::new();
    for Route { path, scope, service, .. } in routes {
        if scope == Scope::Workspace {
            router = router.route(&format!("{WORKSPACE}{path}"), service.clone());
        }
        router = router.route(path, service);
    }
    router
        .route_layer(from_fn(name_route))
        .fallback(no_such_operation)
        // Not 405: that the path is known with another method tells a client nothing about what it asked for.
        .method_not_allowed_fallback(no_such_operation)
}

/// So much of a path is told back.
const LONGEST_PATH: usize = 400;

async fn no_such_operation(method: Method, uri: Uri) -> ApiError {
    let path = uri.path();
    let told = path.char_indices().nth(LONGEST_PATH).map_or(path, |(end, _)| &path[..end]);
    ApiError::NoSuchOperation(format!("{method} {told}"))
}

/// Hangs the route on the answer, so that whoever writes the log outside of this router knows which one it was.
async fn name_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("no message"), "a handler panicked");
    ApiError::Internal.into_response()
}
