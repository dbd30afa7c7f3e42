//! The ways in of people: a password today, accounts of providers later.

use model::{
    id::{IdentityId, UserId},
    time::Timestamp,
};

use crate::{record, statements};

record! {
    /// A password and whose it is.
    pub struct PasswordRow {
        pub id: IdentityId,
        pub person_id: UserId,
        /// The address to sign in with.
        pub subject: String,
        /// The password's hash, as a PHC string.
        pub secret: Option<String>,
    }
}

statements! {
    /// Adds a password for an address, unless the address has one.
    open INSERT_PASSWORD: (IdentityId, UserId, String, String, Timestamp) => () =
        "INSERT INTO identity (id, person_id, provider, subject, secret, created, updated)
         VALUES ($1, $2, 'password', $3, $4, $5, $5) ON CONFLICT (provider, subject) DO NOTHING";
    /// The password of an address.
    open PASSWORD_OF_ADDRESS: (String,) => PasswordRow =
        "SELECT id, person_id, subject, secret FROM identity WHERE provider = 'password' AND subject = $1";
    /// The password of a person.
    open PASSWORD_OF_PERSON: (UserId,) => PasswordRow =
        "SELECT id, person_id, subject, secret FROM identity WHERE provider = 'password' AND person_id = $1";
    /// Holds a password as it is until the write ends, if this is still its hash.
    open HOLD_SECRET: (IdentityId, String) => (IdentityId,) = for update
        "SELECT id FROM identity WHERE id = $1 AND secret = $2";
    /// Puts a new hash in the place of the one that was compared with: nothing if that is gone.
    open REPLACE_SECRET: (IdentityId, String, String, Timestamp) => () =
        "UPDATE identity SET secret = $3, updated = $4 WHERE id = $1 AND secret = $2";
    /// Sets a person's hash, whatever it was.
    open SET_SECRET: (UserId, String, Timestamp) => () =
        "UPDATE identity SET secret = $2, updated = $3 WHERE provider = 'password' AND person_id = $1";
}
