//! Filters and sorts of artifacts, and of the newest artifacts of each key.

use serde::{Deserialize, Serialize};

use super::{IdFilter, KeyFilter, TextFilter};
use crate::id::{ArtifactId, FlowRunId, TaskRunId};

filter! {
    /// A filter of artifacts.
    ArtifactFilter {
        id: IdFilter<ArtifactId>,
        key: KeyFilter,
        flow_run_id: IdFilter<FlowRunId>,
        task_run_id: IdFilter<TaskRunId>,
        r#type: TextFilter,
    }
}

filter! {
    /// A filter of the newest artifacts of each key.
    ArtifactCollectionFilter {
        latest_id: IdFilter<ArtifactId>,
        key: KeyFilter,
        flow_run_id: IdFilter<FlowRunId>,
        task_run_id: IdFilter<TaskRunId>,
        r#type: TextFilter,
    }
}

/// The order of a list of artifacts, or of the newest artifacts of each key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ArtifactSort {
    CreatedDesc,
    UpdatedDesc,
    #[default]
    IdDesc,
    KeyDesc,
    KeyAsc,
}
