//! Who calls, and how they have authenticated.

use model::id::{ApiKeyId, UserId};
use store::session::SessionKey;

/// An authenticated caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caller {
    person: UserId,
    credential: Credential,
}

/// How a caller has authenticated.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Credential {
    /// A browser session.
    Session(SessionKey),
    /// An API key.
    ApiKey(ApiKeyId),
    /// None: in local mode every request acts as the local person.
    Local,
    /// A shell on the server's machine.
    Shell,
}

impl Caller {
    pub(crate) fn new(person: UserId, credential: Credential) -> Self {
        Self { person, credential }
    }

    /// The person who calls.
    #[must_use]
    pub fn person(&self) -> UserId {
        self.person
    }

    /// How the caller has authenticated.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential
    }

    /// The API key, if the caller has authenticated with one.
    #[must_use]
    pub fn api_key(&self) -> Option<ApiKeyId> {
        match self.credential {
            Credential::ApiKey(id) => Some(id),
            _ => None,
        }
    }

    /// The session, if the caller has authenticated with one.
    #[must_use]
    pub fn session(&self) -> Option<SessionKey> {
        match self.credential {
            Credential::Session(key) => Some(key),
            _ => None,
        }
    }
}
