//! How people sign in: by password, or by accounts at identity providers.

use model::{
    id::{IdentityId, UserId},
    time::Timestamp,
};

use crate::{record, statements};

record! {
    /// A password and its person.
    pub struct PasswordRow {
        pub id: IdentityId,
        pub person_id: UserId,
        /// The e-mail address to sign in with.
        pub subject: String,
        /// The password's hash, as a PHC string.
        pub secret: Option<String>,
    }
}

statements! {
    /// Adds a password for an e-mail address, unless the address has one.
    unscoped INSERT_PASSWORD: (IdentityId, UserId, String, String, Timestamp) => () =
        "INSERT INTO identity (id, person_id, provider, subject, secret, created, updated)
         VALUES ($1, $2, 'password', $3, $4, $5, $5) ON CONFLICT (provider, subject) DO NOTHING";
    /// The password of an e-mail address.
    unscoped PASSWORD_BY_EMAIL: (String,) => PasswordRow =
        "SELECT id, person_id, subject, secret FROM identity WHERE provider = 'password' AND subject = $1";
    /// The password of a person.
    unscoped PASSWORD_OF_PERSON: (UserId,) => PasswordRow =
        "SELECT id, person_id, subject, secret FROM identity WHERE provider = 'password' AND person_id = $1";
    /// Adds an account at an identity provider, unless it belongs to a person already.
    unscoped INSERT_PROVIDER_ACCOUNT: (IdentityId, UserId, String, String, Timestamp) => () =
        "INSERT INTO identity (id, person_id, provider, subject, created, updated)
         VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (provider, subject) DO NOTHING";
    /// The person of an account at an identity provider, which is never a password.
    unscoped PROVIDER_ACCOUNT: (String, String) => (IdentityId, UserId) =
        "SELECT id, person_id FROM identity WHERE provider = $1 AND subject = $2 AND provider <> 'password'";
    /// Locks a way to sign in until the write ends, if the person still has it.
    unscoped LOCK_IDENTITY: (IdentityId, UserId) => (IdentityId,) = for update
        "SELECT id FROM identity WHERE id = $1 AND person_id = $2";
    /// Locks a password until the write ends, if this is still its hash.
    unscoped LOCK_PASSWORD_HASH: (IdentityId, String) => (IdentityId,) = for update
        "SELECT id FROM identity WHERE id = $1 AND secret = $2";
    /// Replaces a hash by a new one, unless it changed since it was verified.
    unscoped REPLACE_PASSWORD_HASH: (IdentityId, String, String, Timestamp) => () =
        "UPDATE identity SET secret = $3, updated = $4 WHERE id = $1 AND secret = $2";
    /// Sets the hash of a person's password.
    unscoped SET_PASSWORD_HASH: (UserId, String, Timestamp) => () =
        "UPDATE identity SET secret = $2, updated = $3 WHERE provider = 'password' AND person_id = $1";
}
