//! People. See [`identity`](crate::identity) for how they sign in, and [`account`](crate::account) for what they own.

use model::{handle::Handle, id::UserId, time::Timestamp, user::Person};

use crate::{record, statements};

record! {
    for Person {
        id: UserId,
        name: String,
        handle: Handle,
        email: Option<String>,
        email_verified: bool,
        is_admin: bool,
    }
}

statements! {
    /// Adds a person with a contact address and since when it is verified, unless the address is verified for another person.
    unscoped INSERT_PERSON: (UserId, String, Option<String>, Option<Timestamp>, Timestamp) => () =
        "INSERT INTO person (id, name, email, email_verified, created, updated) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT DO NOTHING";
    /// How many people have verified an address: one or none.
    unscoped VERIFIED_ADDRESSES: (String,) => (i64,) =
        "SELECT COUNT(*) FROM person WHERE email = $1 AND email_verified IS NOT NULL";
    /// The contact address of a person, and since when it is verified.
    unscoped CONTACT: (UserId,) => (Option<String>, Option<Timestamp>) = "SELECT email, email_verified FROM person WHERE id = $1";
    /// Whether a person has verified their contact address.
    unscoped IS_VERIFIED: (UserId,) => (bool,) =
        "SELECT email_verified IS NOT NULL AS email_verified FROM person WHERE id = $1";
    /// Sets the contact address of a person, who has verified it.
    unscoped SET_VERIFIED_EMAIL: (UserId, String, Timestamp) => () =
        "UPDATE person SET email = $2, email_verified = $3, updated = $3 WHERE id = $1";
    /// Whether a person has verified this address.
    unscoped HAS_VERIFIED: (UserId, String) => (UserId,) =
        "SELECT id FROM person WHERE id = $1 AND email = $2 AND email_verified IS NOT NULL";
    /// Sets the contact address of a person who has none.
    unscoped SET_FIRST_EMAIL: (UserId, String, Timestamp) => () =
        "UPDATE person SET email = $2, updated = $3 WHERE id = $1 AND email IS NULL";
    /// Adds a person, unless the id is taken.
    unscoped ENSURE_PERSON: (UserId, String, Timestamp) => () =
        "INSERT INTO person (id, name, created, updated) VALUES ($1, $2, $3, $3) ON CONFLICT (id) DO NOTHING";
    /// Locks a person, so that a write can count what they own and add to it without a race.
    unscoped LOCK_PERSON: (UserId,) => (UserId,) = sqlite "SELECT id FROM person WHERE id = $1"
        postgres "SELECT id FROM person WHERE id = $1 FOR NO KEY UPDATE";
    /// A person, with the handle of their personal account and their contact address.
    unscoped PERSON: (UserId,) => Person =
        "SELECT p.id, p.name, a.handle, p.email, p.email_verified IS NOT NULL AS email_verified, p.is_admin FROM person p
         JOIN account_member m ON m.person_id = p.id JOIN account a ON a.id = m.account_id AND a.kind = 'personal'
         WHERE p.id = $1";
    /// Whether a person administers the server.
    unscoped IS_ADMIN: (UserId,) => (bool,) = "SELECT is_admin FROM person WHERE id = $1";
    /// Makes a person an administrator of the server, or an ordinary person again, unless they are that already.
    unscoped SET_ADMIN: (UserId, bool, Timestamp) => () =
        "UPDATE person SET is_admin = $2, updated = $3 WHERE id = $1 AND is_admin <> $2";
    /// Keeps the time zone of the browser in which a person has signed in.
    unscoped SET_ZONE: (UserId, String) => () = "UPDATE person SET zone = $2 WHERE id = $1";
    /// The person whose personal account has this handle, or had it before and it has not expired.
    unscoped PERSON_BY_HANDLE: (Handle, Timestamp) => (UserId,) =
        "SELECT m.person_id FROM account a JOIN account_member m ON m.account_id = a.id
         WHERE a.kind = 'personal' AND a.id IN (SELECT id FROM account WHERE handle = $1
             UNION SELECT account_id FROM old_handle WHERE handle = $1 AND expires > $2)";
}
