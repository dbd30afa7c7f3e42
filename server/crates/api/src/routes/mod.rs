//! The routes, one file a noun. Handlers are thin: they take a request apart, call one function of `control`, and answer.

mod system;

use control::Cx;

use crate::route::Route;

/// Every route there is.
#[must_use]
pub fn all() -> Vec<Route<Cx>> {
    [system::routes()].into_iter().flatten().collect()
}
