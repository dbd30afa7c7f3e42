//! API keys as lists show them. The key itself is shown once, at its creation, and is never stored.

use serde::{Deserialize, Serialize};

use crate::{
    id::ApiKeyId,
    time::{Span, Timestamp},
};

/// An API key in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub created: Timestamp,
    /// `None` means never.
    pub expires: Option<Timestamp>,
    /// `None` means never. Written at most once a minute.
    pub last_used: Option<Timestamp>,
    /// The last four characters of the key, so that its owner can recognize it.
    pub last_four: String,
}

/// Whether a key that expires at `expires` has expired at `now`.
#[must_use]
pub fn is_expired(expires: Option<Timestamp>, now: Timestamp) -> bool {
    expires.is_some_and(|expires| expires <= now)
}

/// Some of a person's keys.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyList {
    pub keys: Vec<ApiKey>,
    /// How many keys the person has in all.
    pub total: usize,
}

/// The order of a list of keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeySort {
    /// Newest first.
    #[default]
    Newest,
    /// By name.
    Name,
    /// Earliest expiry first; keys that never expire come last.
    Expires,
    /// Most recently used first; unused keys come last.
    LastUsed,
}

/// The most characters of a key's name.
pub const MAX_NAME_CHARACTERS: usize = 100;
/// The lifetime of a key if none was chosen.
pub const DEFAULT_LIFETIME: Span = Span::from_micros(30 * DAY);
/// The longest lifetime of a key that expires.
pub const MAX_LIFETIME: Span = Span::from_micros(3_660 * DAY);

const DAY: i64 = 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::is_expired;
    use crate::time::Timestamp;

    #[test]
    fn a_key_expires_at_its_time_and_without_one_never() {
        let expires = Timestamp::from_micros(10);
        assert!(!is_expired(Some(expires), Timestamp::from_micros(9)));
        assert!(is_expired(Some(expires), expires));
        assert!(!is_expired(None, expires));
    }
}
