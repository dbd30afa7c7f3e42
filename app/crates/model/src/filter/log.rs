//! Filters and sorts of log lines.

use serde::{Deserialize, Serialize};

use super::{IdFilter, Operator, OptionalIdFilter, Unsupported};
use crate::{
    id::{FlowRunId, TaskRunId},
    page::{Page, PageError},
    time::Timestamp,
    wire,
};

/// A filter of log lines.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogFilter {
    #[serde(deserialize_with = "wire::or_default")]
    pub operator: Operator,
    pub level: Option<LevelFilter>,
    pub timestamp: Option<LogTimeFilter>,
    pub flow_run_id: Option<IdFilter<FlowRunId>>,
    pub task_run_id: Option<OptionalIdFilter<TaskRunId>>,
    pub text: Unsupported,
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

/// By time; both ends are included.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogTimeFilter {
    pub before_: Option<Timestamp>,
    pub after_: Option<Timestamp>,
}

/// The order of a list of log lines; lines with the same time keep the order of their arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LogSort {
    #[default]
    TimestampAsc,
    TimestampDesc,
}

/// The body of `POST /logs/filter`.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogQuery {
    pub logs: Option<LogFilter>,
    #[serde(deserialize_with = "wire::or_default")]
    pub sort: LogSort,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub limit: Option<i64>,
    #[serde(deserialize_with = "wire::optional_integer")]
    pub offset: Option<i64>,
}

impl LogQuery {
    /// The validated limit and offset.
    pub fn page(&self) -> Result<Page, PageError> {
        Page::new(self.limit, self.offset)
    }
}
