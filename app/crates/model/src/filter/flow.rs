//! Filters and sorts of flows.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, Operator, TagsFilter, Unsupported};
use crate::{
    id::FlowId,
    page::{Page, PageError},
    wire,
};

/// A filter of flows.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlowFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    pub id: Option<IdFilter<FlowId>>,
    pub name: Option<NameFilter>,
    pub tags: Option<TagsFilter>,
    pub deployment: Unsupported,
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

/// The body of `POST /flows/filter`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowQuery {
    pub flows: Option<FlowFilter>,
    pub flow_runs: Unsupported,
    pub task_runs: Unsupported,
    pub deployments: Unsupported,
    pub work_pools: Unsupported,
    pub work_pool_queues: Unsupported,
    #[serde(deserialize_with = "wire::or_default")]
    pub sort: FlowSort,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub limit: Option<i64>,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub offset: Option<i64>,
}

impl FlowQuery {
    /// The validated limit and offset.
    pub fn page(&self) -> Result<Page, PageError> {
        Page::new(self.limit, self.offset)
    }
}
