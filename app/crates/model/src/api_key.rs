//! API keys as lists show them: never the key itself, which is shown once and not kept.

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
    /// None: never.
    pub expires: Option<Timestamp>,
    /// None: not yet. Written at most once a minute.
    pub last_used: Option<Timestamp>,
    /// The last four characters, by which its owner tells it from others.
    pub last_four: String,
}

/// Whether a key that ends at `end` is over at `now`.
#[must_use]
pub fn is_over(end: Option<Timestamp>, now: Timestamp) -> bool {
    end.is_some_and(|end| end <= now)
}

/// The keys of a person, as far as they were asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyList {
    pub keys: Vec<ApiKey>,
    /// How many keys there are in all.
    pub total: usize,
}

/// The order of a list of keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeySort {
    /// The newest first.
    #[default]
    Newest,
    /// By name.
    Name,
    /// Those that end first; those that never do come last.
    Expires,
    /// Those used last come first; those never used come last.
    LastUsed,
}

/// The most characters of a key's name.
pub const LONGEST_NAME: usize = 100;
/// How long a key lives if nothing else was asked for.
pub const DEFAULT_LIFE: Span = Span::from_micros(30 * DAY);
/// How long a key may live if it is to end at all.
pub const LONGEST_LIFE: Span = Span::from_micros(3_660 * DAY);

const DAY: i64 = 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::is_over;
    use crate::time::Timestamp;

    #[test]
    fn a_key_ends_at_its_time_and_without_one_never() {
        let end = Timestamp::from_micros(10);
        assert!(!is_over(Some(end), Timestamp::from_micros(9)));
        assert!(is_over(Some(end), end));
        assert!(!is_over(None, end));
    }
}
