//! Filters and sorts of flows.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, TagsFilter, Unsupported, flow_run::FlowRunFilter, task_run::TaskRunFilter};
use crate::id::FlowId;

filter! {
    /// A filter of flows.
    FlowFilter {
        id: IdFilter<FlowId>,
        name: NameFilter,
        tags: TagsFilter,
        deployment: Unsupported,
    }
}

/// The order of a list of flows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowSort {
    CreatedDesc,
    UpdatedDesc,
    #[default]
    NameAsc,
    NameDesc,
}

query! {
    /// The body of `POST /flows/filter` and `/flows/count`; a count ignores `sort`, `limit` and `offset`.
    FlowQuery, FlowSort {
        flows: FlowFilter,
        flow_runs: FlowRunFilter,
        task_runs: TaskRunFilter,
        deployments: Unsupported,
        work_pools: Unsupported,
        work_pool_queues: Unsupported,
    }
}
