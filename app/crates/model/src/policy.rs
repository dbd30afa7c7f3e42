//! How often, and after what wait, a run is tried again: the `empirical_policy` of runs.

use serde::{Deserialize, Serialize};

/// Seconds to wait before another try: one number for all tries, or one a try (the last one repeats).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryDelay {
    Same(Seconds),
    Each(Vec<Seconds>),
}

/// Seconds as clients send them: whole numbers stay whole when they are answered.
pub type Seconds = serde_json::Number;

impl RetryDelay {
    /// Seconds before try number `run_count + 1`.
    #[must_use]
    pub fn seconds(&self, run_count: i64) -> f64 {
        let number = match self {
            Self::Same(number) => Some(number),
            Self::Each(numbers) => {
                let index = usize::try_from(run_count - 1).unwrap_or(0);
                numbers.get(index).or(numbers.last())
            }
        };
        number.and_then(serde_json::Number::as_f64).unwrap_or(0.0)
    }
}

/// The policy of a flow run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowRunPolicy {
    pub max_retries: i64,
    pub retry_delay_seconds: f64,
    pub retries: Option<i64>,
    pub retry_delay: Option<serde_json::Number>,
    pub pause_keys: Option<Vec<String>>,
    pub resuming: Option<bool>,
    pub retry_type: Option<RetryType>,
}

/// Where a flow run is tried again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryType {
    /// In the process that runs it: workers must not be handed the run.
    InProcess,
    /// By a worker that picks it up anew.
    Reschedule,
}

/// The policy of a task run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskRunPolicy {
    pub max_retries: i64,
    pub retry_delay_seconds: f64,
    pub retries: Option<i64>,
    pub retry_delay: Option<RetryDelay>,
    pub retry_jitter_factor: Option<f64>,
}
