//! The audit log: which person did what, and when.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, ApiKeyId, UserId, WorkspaceId, ids},
    time::Timestamp,
};

ids! {
    /// An entry of the audit log.
    AuditId;
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A recorded action.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum AuditEvent {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl AuditEvent {
            /// All events.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The text in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
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
    /// A sign-in was refused.
    SignInRefused = "person.sign-in-refused",
    /// A person signed out.
    SignedOut = "person.signed-out",
    /// A person's password was changed.
    PasswordChanged = "person.password-changed",
    /// An account at an identity provider was connected to a person.
    ProviderConnected = "person.provider-connected",
    /// A person was made an administrator of the server.
    AdministratorGranted = "person.administrator-granted",
    /// A person is no longer an administrator of the server.
    AdministratorRevoked = "person.administrator-revoked",
    /// An API key was created.
    ApiKeyCreated = "api-key.created",
    /// An API key was deleted.
    ApiKeyDeleted = "api-key.deleted",
    /// A workspace was created.
    WorkspaceCreated = "workspace.created",
    /// A workspace's name or description was changed.
    WorkspaceEdited = "workspace.edited",
    /// A workspace was deleted.
    WorkspaceDeleted = "workspace.deleted",
}

impl AuditEvent {
    /// The inverse of [`AuditEvent::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == text)
    }
}

/// An entry of the audit log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: AuditId,
    pub event: AuditEvent,
    pub occurred: Timestamp,
    pub account_id: Option<AccountId>,
    /// `None` for actions outside of a workspace.
    pub workspace_id: Option<WorkspaceId>,
    /// Who did it; `None` if that is unknown.
    pub person_id: Option<UserId>,
    /// The API key of the call; `None` for a browser session.
    pub api_key_id: Option<ApiKeyId>,
    /// The name that the object of the action had at that time.
    pub object: Option<String>,
    /// The client's address.
    pub address: Option<IpAddr>,
}

#[cfg(test)]
mod tests {
    use super::AuditEvent;

    #[test]
    fn events_are_parsed_from_their_text() {
        for event in AuditEvent::ALL {
            assert_eq!(AuditEvent::parse(event.as_str()), Some(*event));
        }
        assert_eq!(AuditEvent::parse("person.vanished"), None);
    }
}
