//! The audit log: who did what.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, ApiKeyId, AuditId, UserId, WorkspaceId},
    time::Timestamp,
};

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What was done.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum AuditEvent {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl AuditEvent {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word for it in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

events! {
    /// A person registered.
    Registered = "person.registered",
    /// A person signed in.
    SignedIn = "person.signed-in",
    /// Somebody tried to sign in and was refused.
    SignInRefused = "person.sign-in-refused",
    /// A person signed out.
    SignedOut = "person.signed-out",
    /// A person's password was changed.
    PasswordChanged = "person.password-changed",
    /// A key was made.
    ApiKeyCreated = "api-key.created",
    /// A key was deleted.
    ApiKeyDeleted = "api-key.deleted",
    /// A workspace was made.
    WorkspaceCreated = "workspace.created",
    /// A workspace's name or description was changed.
    WorkspaceEdited = "workspace.edited",
    /// A workspace was deleted.
    WorkspaceDeleted = "workspace.deleted",
}

impl AuditEvent {
    /// The event that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == word)
    }
}

/// An entry of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: AuditId,
    pub event: AuditEvent,
    /// When.
    pub occurred: Timestamp,
    /// In which account.
    pub account_id: Option<AccountId>,
    /// In which workspace, if it was done in one.
    pub workspace_id: Option<WorkspaceId>,
    /// Who; none if nobody knows.
    pub person_id: Option<UserId>,
    /// With which key, if it was done with one.
    pub api_key_id: Option<ApiKeyId>,
    /// What it was done to, by its name at that time.
    pub object: Option<String>,
    /// From where.
    pub address: Option<IpAddr>,
}

#[cfg(test)]
mod tests {
    use super::AuditEvent;

    #[test]
    fn events_are_read_back_from_their_word() {
        for event in AuditEvent::ALL {
            assert_eq!(AuditEvent::from_word(event.as_str()), Some(*event));
        }
        assert_eq!(AuditEvent::from_word("person.vanished"), None);
    }
}
