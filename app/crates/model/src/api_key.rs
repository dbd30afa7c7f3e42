//! API keys as lists show them: never the key itself, which is shown once and not kept.

use serde::{Deserialize, Serialize};

use crate::{id::ApiKeyId, time::Timestamp};

/// An API key in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub created: Timestamp,
    /// None: never.
    pub expires: Option<Timestamp>,
    /// None: not yet. Written at most once a minute.
    pub last_used: Option<Timestamp>,
    /// The last four characters, by which its owner tells it from others.
    pub last_four: String,
}

impl ApiKey {
    /// Whether its time is over at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::ApiKey;
    use crate::{id::ApiKeyId, time::Timestamp};

    #[test]
    fn a_key_ends_at_its_time_and_without_one_never() {
        let key = |expires| ApiKey {
            id: ApiKeyId(uuid::Uuid::nil()),
            name: "laptop".into(),
            created: Timestamp::from_micros(0),
            expires,
            last_used: None,
            last_four: "abcd".into(),
        };
        let end = Timestamp::from_micros(10);
        assert!(!key(Some(end)).is_expired(Timestamp::from_micros(9)));
        assert!(key(Some(end)).is_expired(end));
        assert!(!key(None).is_expired(end));
    }
}
