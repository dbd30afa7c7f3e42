//! Filters and sorts of flows.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, TagsFilter, Unsupported};
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
