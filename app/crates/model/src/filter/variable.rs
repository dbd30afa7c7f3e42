//! Filters and sorts of variables.

use serde::{Deserialize, Serialize};

use super::{IdFilter, NameFilter, TagsFilter, ValueFilter};
use crate::id::VariableId;

filter! {
    /// A filter of variables.
    VariableFilter {
        id: IdFilter<VariableId>,
        name: NameFilter,
        tags: TagsFilter,
        /// Sent by 2.x clients.
        value: ValueFilter,
    }
}

/// The order of a list of variables.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VariableSort {
    CreatedDesc,
    UpdatedDesc,
    NameDesc,
    #[default]
    NameAsc,
}
