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

record! {
    /// A way to sign in, without its secret.
    pub struct IdentityRow {
        pub id: IdentityId,
        /// `password`, or the provider's issuer.
        pub provider: String,
        /// The e-mail address of a password, or the provider's id of an account.
        pub subject: String,
        /// The address or login of an account at a provider, as people know it.
        pub label: Option<String>,
        pub created: Timestamp,
        pub updated: Timestamp,
        pub last_used: Option<Timestamp>,
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
    /// The password of a person, unless its address was taken from it.
    unscoped PASSWORD_OF_PERSON: (UserId,) => PasswordRow =
        "SELECT id, person_id, subject, secret FROM identity
         WHERE provider = 'password' AND person_id = $1 AND subject NOT LIKE 'released:%'";
    /// Deletes the passwords of a person whose address was taken from them: they sign nobody in.
    unscoped DELETE_RELEASED_PASSWORDS: (UserId,) => () =
        "DELETE FROM identity WHERE provider = 'password' AND person_id = $1 AND subject LIKE 'released:%'";
    /// The password with an address that others than this person chose and never verified.
    unscoped UNVERIFIED_PASSWORD: (String, UserId) => (IdentityId,) =
        "SELECT i.id FROM identity i JOIN person p ON p.id = i.person_id
         WHERE i.provider = 'password' AND i.subject = $1 AND i.person_id <> $2
         AND (p.email_verified IS NULL OR p.email IS NULL OR p.email <> $1)";
    /// Changes the address of a password.
    unscoped SET_PASSWORD_ADDRESS: (IdentityId, String, Timestamp) => () =
        "UPDATE identity SET subject = $2, updated = $3 WHERE id = $1 AND provider = 'password'";
    /// Adds an account at an identity provider, unless it belongs to a person already. It was used at the last time, if there is one.
    unscoped INSERT_PROVIDER_ACCOUNT: (IdentityId, UserId, String, String, Option<String>, Timestamp, Option<Timestamp>) => () =
        "INSERT INTO identity (id, person_id, provider, subject, label, created, updated, last_used)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7) ON CONFLICT (provider, subject) DO NOTHING";
    /// Records that a person has signed in with a password or an account, and the label that the provider gives the account now.
    unscoped RECORD_IDENTITY_USE: (IdentityId, Option<String>, Timestamp) => () =
        "UPDATE identity SET last_used = $3, label = COALESCE($2, label) WHERE id = $1";
    /// How a person can sign in, oldest first.
    unscoped IDENTITIES_OF_PERSON: (UserId, i64) => IdentityRow = select
        "FROM identity WHERE person_id = $1 AND NOT (provider = 'password' AND subject LIKE 'released:%')
         ORDER BY created, id LIMIT $2";
    /// Deletes all accounts of a person at identity providers.
    unscoped DELETE_PROVIDER_ACCOUNTS: (UserId,) => () =
        "DELETE FROM identity WHERE person_id = $1 AND provider <> 'password'";
    /// Deletes an account at an identity provider.
    unscoped DELETE_PROVIDER_ACCOUNT: (IdentityId, UserId) => () =
        "DELETE FROM identity WHERE id = $1 AND person_id = $2 AND provider <> 'password'";
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
