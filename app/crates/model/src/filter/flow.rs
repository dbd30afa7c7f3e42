//! Which flows.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, NotBuilt, Operator, TagsFilter};
use crate::{
    id::FlowId,
    page::{Page, PageError},
    wire,
};

/// By what flows are.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlowFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    pub id: Option<IdFilter<FlowId>>,
    pub name: Option<NameFilter>,
    pub tags: Option<TagsFilter>,
    pub deployment: NotBuilt,
}

/// In which order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowSort {
    CreatedDesc,
    UpdatedDesc,
    #[default]
    NameAsc,
    NameDesc,
}

/// The whole question.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowQuery {
    pub flows: Option<FlowFilter>,
    pub flow_runs: NotBuilt,
    pub task_runs: NotBuilt,
    pub deployments: NotBuilt,
    pub work_pools: NotBuilt,
    pub work_pool_queues: NotBuilt,
    #[serde(deserialize_with = "wire::or_default")]
    pub sort: FlowSort,
    #[serde(deserialize_with = "wire::optional_whole")]
    pub limit: Option<i64>,
    #[serde(deserialize_with = "wire::optional_whole")]
    pub offset: Option<i64>,
}

impl FlowQuery {
    /// Which part of the list.
    pub fn page(&self) -> Result<Page, PageError> {
        Page::new(self.limit, self.offset)
    }
}
