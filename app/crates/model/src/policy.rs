//! Retry policies: the `empirical_policy` of runs.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The delay before a retry in seconds: one number for all retries, or one for each (the last one repeats).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryDelay {
    Same(Seconds),
    Each(Vec<Seconds>),
}

/// Seconds as clients send them. Integers are returned as integers.
pub type Seconds = serde_json::Number;

impl RetryDelay {
    /// The delay before run number `run_count + 1`, in seconds.
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
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, remote = "Self")]
pub struct FlowRunPolicy {
    pub max_retries: i64,
    pub retry_delay_seconds: f64,
    pub retries: Option<i64>,
    pub retry_delay: Option<Seconds>,
    pub pause_keys: Option<Vec<String>>,
    pub resuming: Option<bool>,
    pub retry_type: Option<RetryType>,
}

impl Default for FlowRunPolicy {
    fn default() -> Self {
        Self {
            max_retries: 0,
            retry_delay_seconds: 0.0,
            retries: None,
            retry_delay: None,
            pause_keys: Some(Vec::new()),
            resuming: Some(false),
            retry_type: None,
        }
    }
}

/// Where a flow run is retried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryType {
    /// In the process that runs it, so workers must not receive the run.
    InProcess,
    /// By any worker that picks up the rescheduled run.
    Reschedule,
}

/// The policy of a task run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, remote = "Self")]
pub struct TaskRunPolicy {
    pub max_retries: i64,
    pub retry_delay_seconds: f64,
    pub retries: Option<i64>,
    pub retry_delay: Option<RetryDelay>,
    pub retry_jitter_factor: Option<f64>,
}

// The first generation of clients sends `max_retries` and `retry_delay_seconds` for what is now `retries` and `retry_delay`, with zero
// for "not set". If both are sent, the current names win.

fn adopt_retries(retries: Option<i64>, max_retries: i64) -> Option<i64> {
    match retries {
        None | Some(0) if max_retries != 0 => Some(max_retries),
        _ => retries,
    }
}

fn adopt_delay(retry_delay: f64, retry_delay_seconds: f64) -> Option<Seconds> {
    if retry_delay != 0.0 || retry_delay_seconds == 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "used only without a fraction, and the cast saturates")]
    let integer = retry_delay_seconds as i64;
    if retry_delay_seconds.fract() == 0.0 { Some(integer.into()) } else { Seconds::from_f64(retry_delay_seconds) }
}

impl<'de> Deserialize<'de> for FlowRunPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut policy = Self::deserialize(deserializer)?;
        policy.retries = adopt_retries(policy.retries, policy.max_retries);
        let delay = policy.retry_delay.as_ref().and_then(Seconds::as_f64).unwrap_or(0.0);
        policy.retry_delay = adopt_delay(delay, policy.retry_delay_seconds).or(policy.retry_delay);
        Ok(policy)
    }
}

impl Serialize for FlowRunPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for TaskRunPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut policy = Self::deserialize(deserializer)?;
        policy.retries = adopt_retries(policy.retries, policy.max_retries);
        let delay = policy.retry_delay.as_ref().map_or(0.0, |delay| delay.seconds(1));
        policy.retry_delay =
            adopt_delay(delay, policy.retry_delay_seconds).map(RetryDelay::Same).or(policy.retry_delay);
        Ok(policy)
    }
}

impl Serialize for TaskRunPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::{FlowRunPolicy, RetryDelay, TaskRunPolicy};

    fn flow(body: &str) -> FlowRunPolicy {
        serde_json::from_str(body).unwrap()
    }

    fn task(body: &str) -> TaskRunPolicy {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn first_generation_policies_are_converted() {
        let sent = r#"{"max_retries": 2, "retry_delay_seconds": 1.5}"#;
        assert_eq!((flow(sent).retries, flow(sent).retry_delay.unwrap().to_string()), (Some(2), "1.5".to_owned()));
        assert_eq!((task(sent).retries, task(sent).retry_delay.unwrap().seconds(1)), (Some(2), 1.5));
        assert_eq!(flow(r#"{"max_retries": 0, "retry_delay_seconds": 0.0}"#), FlowRunPolicy::default());
    }

    #[test]
    fn current_names_win_over_first_generation_names() {
        let both = r#"{"max_retries": 2, "retry_delay_seconds": 1.5, "retries": 5, "retry_delay": [3, 4]}"#;
        let policy = task(both);
        assert_eq!(policy.retries, Some(5));
        assert_eq!(policy.retry_delay, Some(RetryDelay::Each(vec![3.into(), 4.into()])));
    }

    #[test]
    fn a_policy_survives_a_round_trip() {
        let policy = flow(r#"{"retries": 1, "retry_delay": 3, "retry_type": "in_process", "pause_keys": ["1"]}"#);
        let json = serde_json::to_value(&policy).unwrap();
        assert_eq!(json["retry_type"], "in_process");
        assert_eq!(json["resuming"], false);
        assert_eq!(serde_json::from_value::<FlowRunPolicy>(json).unwrap(), policy);
    }

    #[test]
    fn the_last_delay_of_a_list_repeats() {
        let delay = RetryDelay::Each(vec![1.into(), 5.into()]);
        assert_eq!([1, 2, 3, 0].map(|run_count| delay.seconds(run_count)), [1.0, 5.0, 5.0, 1.0]);
        assert_eq!(RetryDelay::Each(Vec::new()).seconds(1), 0.0);
    }
}
