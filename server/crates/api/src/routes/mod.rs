//! The routes, one file for each kind of object. A handler extracts its arguments, calls one function of `control`, and returns the
//! result.

mod artifact;
mod automation;
mod block_document;
mod block_schema;
mod block_type;
mod concurrency_limit;
mod flow;
mod flow_run;
mod log;
mod me;
mod system;
mod task_run;
mod variable;

use control::Cx;

use crate::{openapi, route::Route, ws};

/// Every route of the API.
#[must_use]
pub fn all() -> Vec<Route<Cx>> {
    let tables = [
        artifact::routes(),
        automation::routes(),
        block_document::routes(),
        block_schema::routes(),
        block_type::routes(),
        concurrency_limit::routes(),
        flow::routes(),
        flow_run::routes(),
        log::routes(),
        me::routes(),
        system::routes(),
        task_run::routes(),
        variable::routes(),
        ws::event::routes(),
    ];
    let mut all: Vec<Route<Cx>> = tables.into_iter().flatten().collect();
    all.extend(openapi::routes(&all));
    all
}
