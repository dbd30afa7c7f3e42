//! The API version of a client, and the features that clients of this version support.

use std::{fmt, str::FromStr};

/// The value of the header `X-PREFECT-API-VERSION`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ApiVersion(pub u32, pub u32, pub u32);

/// The text is not an API version.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected an API version such as 0.8.4, got {0:?}")]
pub struct InvalidApiVersion(String);

impl ApiVersion {
    /// The oldest version that the server accepts.
    pub const OLDEST: Self = Self(0, 8, 0);
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl FromStr for ApiVersion {
    type Err = InvalidApiVersion;

    fn from_str(text: &str) -> Result<Self, InvalidApiVersion> {
        let mut numbers = text.split('.').map(|number| number.trim().parse().ok());
        match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
            (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) => Ok(Self(major, minor, patch)),
            _ => Err(InvalidApiVersion(text.chars().take(64).collect())),
        }
    }
}

/// The client that proposes a state. Without a version it counts as a current one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Client {
    pub api_version: Option<ApiVersion>,
}

impl Client {
    /// Whether the client itself reruns failed tasks when their flow is retried.
    #[must_use]
    pub fn reruns_failed_tasks(self) -> bool {
        self.supports(ApiVersion(0, 8, 3))
    }

    /// Whether the client supports paused flow runs.
    #[must_use]
    pub fn supports_pauses(self) -> bool {
        self.supports(ApiVersion(0, 8, 4))
    }

    fn supports(self, minimum: ApiVersion) -> bool {
        self.api_version.is_none_or(|version| version >= minimum)
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiVersion, Client};

    #[test]
    fn versions_are_ordered_by_number_not_by_text() {
        let [older, newer]: [ApiVersion; 2] = ["0.8.4", "0.10.0"].map(|text| text.parse().unwrap());
        assert!(ApiVersion::OLDEST < older && older < newer);
        assert_eq!(newer.to_string(), "0.10.0");
    }

    #[test]
    fn texts_that_are_no_version_are_rejected() {
        for text in ["", "1", "0.8", "0.8.4.1", "a.b.c", "0.8.-1", "0.8.99999999999"] {
            assert!(text.parse::<ApiVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_client_without_a_version_counts_as_current() {
        let client = |version: &str| Client { api_version: Some(version.parse().unwrap()) };
        assert!(Client::default().reruns_failed_tasks() && Client::default().supports_pauses());
        assert!(!client("0.8.2").reruns_failed_tasks() && !client("0.8.2").supports_pauses());
        assert!(client("0.8.3").reruns_failed_tasks() && !client("0.8.3").supports_pauses());
        assert!(client("0.8.4").supports_pauses());
    }
}
