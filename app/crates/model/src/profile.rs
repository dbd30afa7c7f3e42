//! What belongs to a person, as the pages of their settings show it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    appearance::Appearance,
    handle::Handle,
    time::{Span, Timestamp},
};

/// A person's names, handle and appearance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profile {
    pub first_name: String,
    /// Empty for a person with one name.
    pub last_name: String,
    pub handle: Handle,
    /// Until when the handles that the person had before still lead to them.
    pub old_handles: Vec<OldHandle>,
    pub appearance: Appearance,
    /// None if times are in the zone of each browser.
    pub zone: Option<String>,
    /// The zones that the person may choose.
    pub zones: Vec<String>,
}

/// A handle that the person has changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OldHandle {
    pub handle: Handle,
    pub expires: Timestamp,
}

/// First and last name of a person who has given one name: the last word is the last name.
#[must_use]
pub fn split_name(name: &str) -> (&str, &str) {
    let name = name.trim();
    name.rsplit_once(' ').map_or((name, ""), |(first, last)| (first.trim_end(), last))
}

/// The name that is shown.
#[must_use]
pub fn join_names(first: &str, last: &str) -> String {
    format!("{first} {last}").trim().to_owned()
}

/// The browsers that are signed in as a person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionList {
    /// The caller's own first, then by last use.
    pub sessions: Vec<ActiveSession>,
    /// After so long without use a session ends by itself.
    pub idle: Span,
}

/// A browser that is signed in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActiveSession {
    /// Names the session in forms; it opens nothing.
    pub id: String,
    /// Browser and system, in words.
    pub device: String,
    pub is_phone: bool,
    pub address: Option<IpAddr>,
    /// The provider by which the person signed in; `None` for the password.
    pub provider: Option<String>,
    pub created: Timestamp,
    pub last_seen: Timestamp,
    /// Whether it is the caller's own.
    pub is_current: bool,
}

#[cfg(test)]
mod tests {
    use super::{join_names, split_name};

    #[test]
    fn last_word_of_a_name_is_the_last_name() {
        for (name, parts) in [
            ("Isla Fraser", ("Isla", "Fraser")),
            ("Ana Maria de Souza", ("Ana Maria de", "Souza")),
            ("isla", ("isla", "")),
            (" Isla  Fraser ", ("Isla", "Fraser")),
            ("", ("", "")),
        ] {
            assert_eq!(split_name(name), parts, "{name:?}");
        }
        assert_eq!(join_names("Isla", "Fraser"), "Isla Fraser");
        assert_eq!(join_names("Isla", ""), "Isla");
    }
}
