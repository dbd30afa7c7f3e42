//! The operations of the contract that are not built yet: each is answered with 501, so that a client's error names it.

use std::collections::BTreeSet;

use axum::routing::MethodRouter;
use control::Cx;
use model::permission::ReadRuns;

use crate::{
    contract::{self, CONTRACT, Operation},
    error::ApiError,
    extract::auth::InWorkspace,
    route::Route,
};

/// A route for each operation that `built` does not have.
///
/// The paths of built operations are here too, without a handler: otherwise `PATCH /flows/filter` would be answered like
/// `PATCH /flows/{id}`.
#[must_use]
pub fn routes(built: &[Route<Cx>]) -> Vec<Route<Cx>> {
    let built: BTreeSet<_> = built.iter().map(|route| (route.method, contract::shape(route.path))).collect();
    let route = |operation: &'static Operation| {
        let answer = async move |_: InWorkspace<ReadRuns>| ApiError::NotBuilt(operation.name());
        let route = Route::new(operation.method, &operation.shape, answer);
        let is_built = built.contains(&(operation.method, operation.shape.clone()));
        if is_built { Route { service: MethodRouter::new(), ..route } } else { route }
    };
    CONTRACT.operations.iter().map(route).collect()
}
