//! Browsers that have been sent to an identity provider, and accounts there whose holders are choosing a handle.

use model::{id::UserId, time::Timestamp};

use crate::{
    error::{Error, Result},
    record, statements,
    value::{Column, Kind, Type, Value},
};

/// Why a browser is sent to a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To sign in, or to register.
    SignIn,
    /// To add an account to the person who is signed in.
    Connect,
    /// To show once more who is signed in.
    Prove,
}

impl Purpose {
    /// The text in the database and in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Connect => "connect",
            Self::Prove => "prove",
        }
    }

    /// The inverse of [`Purpose::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::SignIn, Self::Connect, Self::Prove].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

impl Column for Purpose {
    const KIND: Kind = Kind::of(Type::Text);
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
    fn from_value(value: Value) -> Result<Self> {
        Self::parse(&String::from_value(value)?).ok_or(Error::Corrupt("purpose of a provider’s sign-in"))
    }
}

record! {
    /// A browser that is expected back from a provider.
    pub struct AttemptRow {
        pub state_hash: String,
        /// The hash of the secret in the browser's cookie.
        pub browser_hash: String,
        /// The provider's name in the settings.
        pub provider: String,
        pub purpose: Purpose,
        /// Who was signed in, if the purpose needs it.
        pub person_id: Option<UserId>,
        /// The path to go to afterwards.
        pub destination: Option<String>,
        pub created: Timestamp,
    }
}

record! {
    /// An account at a provider that belongs to no person yet.
    pub struct PendingRow {
        /// The hash of the secret in the browser's cookie.
        pub token_hash: String,
        /// The provider's name in the settings.
        pub provider: String,
        pub issuer: String,
        pub subject: String,
        pub label: Option<String>,
        pub name: Option<String>,
        pub email: Option<String>,
        pub email_verified: bool,
        /// The path to go to afterwards.
        pub destination: Option<String>,
        pub created: Timestamp,
    }
}

statements! {
    /// Adds an attempt.
    unscoped INSERT_ATTEMPT: AttemptRow => () =
        "INSERT INTO provider_attempt (state_hash, browser_hash, provider, purpose, person_id, destination, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Takes an attempt, so that it is used once.
    unscoped TAKE_ATTEMPT: (String,) => AttemptRow =
        "DELETE FROM provider_attempt WHERE state_hash = $1
         RETURNING state_hash, browser_hash, provider, purpose, person_id, destination, created";
    /// Deletes attempts that are not among the newest, at most so many.
    unscoped DELETE_SURPLUS_ATTEMPTS: (i64, i64) => () =
        "DELETE FROM provider_attempt WHERE state_hash IN (
             SELECT state_hash FROM provider_attempt ORDER BY created DESC, state_hash LIMIT $2 OFFSET $1)";
    /// Adds an account whose holder is going to choose a handle.
    unscoped INSERT_PENDING: PendingRow => () =
        "INSERT INTO provider_registration
             (token_hash, provider, issuer, subject, label, name, email, email_verified, destination, created)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// An account whose holder is choosing a handle.
    unscoped PENDING: (String,) => PendingRow = select "FROM provider_registration WHERE token_hash = $1";
    /// Takes such an account, so that it is used once.
    unscoped TAKE_PENDING: (String,) => PendingRow =
        "DELETE FROM provider_registration WHERE token_hash = $1
         RETURNING token_hash, provider, issuer, subject, label, name, email, email_verified, destination, created";
    /// Deletes accounts that are not among the newest, at most so many.
    unscoped DELETE_SURPLUS_PENDING: (i64, i64) => () =
        "DELETE FROM provider_registration WHERE token_hash IN (
             SELECT token_hash FROM provider_registration ORDER BY created DESC, token_hash LIMIT $2 OFFSET $1)";
    /// Deletes attempts of before a time.
    system REAP_ATTEMPTS: (Timestamp, i64) => () =
        "DELETE FROM provider_attempt WHERE state_hash IN (
             SELECT state_hash FROM provider_attempt WHERE created <= $1 ORDER BY created LIMIT $2)";
    /// Deletes accounts whose holders did not choose a handle in time.
    system REAP_PENDING: (Timestamp, i64) => () =
        "DELETE FROM provider_registration WHERE token_hash IN (
             SELECT token_hash FROM provider_registration WHERE created <= $1 ORDER BY created LIMIT $2)";
}
