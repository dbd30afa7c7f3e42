//! Log lines of runs.

use serde::{Deserialize, Deserializer, Serialize, de};
use uuid::Uuid;

use crate::{
    filter::{IdFilter, OptionalIdFilter, TextSearch, TimeFilter, filter, list_query},
    id::{FlowRunId, TaskRunId, ids},
    time::Timestamp,
    wire,
};

ids! {
    /// A log line.
    LogId;
}

/// The log levels. Clients send numbers; a number between two levels counts as the lower one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl LogLevel {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The level of a number.
    #[must_use]
    pub fn of(level: i32) -> Self {
        Self::ALL.into_iter().rev().find(|candidate| candidate.number() <= level).unwrap_or(Self::Debug)
    }

    /// The lowest number of the level.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Debug => 10,
            Self::Info => 20,
            Self::Warning => 30,
            Self::Error => 40,
            Self::Critical => 50,
        }
    }
}

/// A log line as it is stored and returned.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Log {
    pub id: LogId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub level: i32,
    pub message: String,
    pub timestamp: Timestamp,
    pub flow_run_id: Option<FlowRunId>,
    pub task_run_id: Option<TaskRunId>,
}

/// A log line as clients send it. NUL characters are dropped, so that one of them does not reject the whole batch.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogCreate {
    #[serde(deserialize_with = "wire::stripped")]
    pub name: String,
    #[serde(deserialize_with = "level")]
    pub level: i32,
    #[serde(deserialize_with = "wire::stripped")]
    pub message: String,
    pub timestamp: Timestamp,
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    #[serde(default)]
    pub task_run_id: Option<TaskRunId>,
    /// Set by workers that have an id.
    #[serde(default)]
    pub worker_id: Option<Uuid>,
}

fn level<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let level = wire::integer(deserializer)?;
    i32::try_from(level).map_err(|_| de::Error::custom("a log level is a whole number of at most 32 bits"))
}

filter! {
    /// A filter of log lines.
    LogFilter {
        level: LevelFilter,
        timestamp: TimeFilter,
        flow_run_id: IdFilter<FlowRunId>,
        task_run_id: OptionalIdFilter<TaskRunId>,
        text: TextSearch,
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

list_query! {
    /// The body of `POST /logs/filter`.
    LogQuery, LogSort {
        logs: LogFilter,
    }
}

#[cfg(test)]
mod tests {
    use super::{LogCreate, LogLevel};

    #[test]
    fn a_log_line_of_a_worker_is_parsed_without_its_nul() {
        let line: LogCreate = serde_json::from_value(serde_json::json!({
            "name": "prefect.worker", "level": 20.0, "message": "a\0b", "timestamp": "2026-11-24T03:46:20.432010Z",
            "flow_run_id": null, "task_run_id": null, "worker_id": "a23b977d-7fcc-4f69-8cb6-75d697369fbf",
        }))
        .unwrap();
        assert_eq!((line.level, line.message.as_str()), (20, "ab"));
    }

    #[test]
    fn errors_name_the_field_or_the_rule() {
        for (body, expected) in [
            (r#"{"name": "a", "level": "high"}"#, "whole number"),
            (r#"{"name": "a", "level": 99999999999}"#, "32 bits"),
            (r#"{"name": "a", "level": 20, "message": "m"}"#, "missing field `timestamp`"),
        ] {
            let error = serde_json::from_str::<LogCreate>(body).unwrap_err().to_string();
            assert!(error.contains(expected), "{body}: {error}");
        }
    }

    #[test]
    fn a_number_between_two_levels_counts_as_the_lower_one() {
        for (number, level) in [
            (-5, LogLevel::Debug),
            (10, LogLevel::Debug),
            (20, LogLevel::Info),
            (25, LogLevel::Info),
            (30, LogLevel::Warning),
            (49, LogLevel::Error),
            (99, LogLevel::Critical),
        ] {
            assert_eq!(LogLevel::of(number), level);
        }
    }
}
