//! The routes, one file a noun. Handlers are thin: they take a request apart, call one function of `control`, and answer.

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

use control::Cx;

use crate::{route::Route, ws};

/// Every route there is.
#[must_use]
pub fn all() -> Vec<Route<Cx>> {
    let tables = [
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
        ws::event::routes(),
    ];
    tables.into_iter().flatten().collect()
}
