//! Filters and sorts of log lines.

use serde::{Deserialize, Serialize};

use super::{IdFilter, OptionalIdFilter, TimeFilter, Unsupported};
use crate::{
    id::{FlowRunId, TaskRunId},
    wire,
};

filter! {
    /// A filter of log lines.
    LogFilter {
        level: LevelFilter,
        timestamp: TimeFilter,
        flow_run_id: IdFilter<FlowRunId>,
        task_run_id: OptionalIdFilter<TaskRunId>,
        text: Unsupported,
    }
}

/// By level; both ends are included.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LevelFilter {
    #[serde(deserialize_with = "wire::optional_integer")]
    pub ge_: Option<i64>,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub le_: Option<i64>,
}

/// The order of a list of log lines; lines with the same time keep the order of their arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LogSort {
    #[default]
    TimestampAsc,
    TimestampDesc,
    /// This and the following are sent by 2.0 clients.
    LevelAsc,
    LevelDesc,
    FlowRunIdAsc,
    FlowRunIdDesc,
    TaskRunIdAsc,
    TaskRunIdDesc,
}

query! {
    /// The body of `POST /logs/filter`.
    LogQuery, LogSort {
        logs: LogFilter,
    }
}
