//! People. See [`identity`](crate::identity) for how they sign in, and [`account`](crate::account) for what they own.

use model::{handle::Handle, id::UserId, time::Timestamp, user::Person};

use crate::{record, statements};

record! {
    for Person {
        id: UserId,
        name: String,
        handle: Handle,
        email: Option<String>,
        is_admin: bool,
    }
}

statements! {
    /// Adds a person.
    unscoped INSERT_PERSON: (UserId, String, Timestamp) => () =
        "INSERT INTO person (id, name, created, updated) VALUES ($1, $2, $3, $3)";
    /// Adds a person, unless the id is taken.
    unscoped ENSURE_PERSON: (UserId, String, Timestamp) => () =
        "INSERT INTO person (id, name, created, updated) VALUES ($1, $2, $3, $3) ON CONFLICT (id) DO NOTHING";
    /// Locks a person, so that a write can count what they own and add to it without a race.
    unscoped LOCK_PERSON: (UserId,) => (UserId,) = sqlite "SELECT id FROM person WHERE id = $1"
        postgres "SELECT id FROM person WHERE id = $1 FOR NO KEY UPDATE";
    /// A person, with the handle of their personal account and the e-mail address that they sign in with.
    unscoped PERSON: (UserId,) => Person =
        "SELECT p.id, p.name, a.handle, i.subject AS email, p.is_admin FROM person p
         JOIN account_member m ON m.person_id = p.id JOIN account a ON a.id = m.account_id AND a.kind = 'personal'
         LEFT JOIN identity i ON i.person_id = p.id AND i.provider = 'password'
         WHERE p.id = $1";
    /// Whether a person administers the server.
    unscoped IS_ADMIN: (UserId,) => (bool,) = "SELECT is_admin FROM person WHERE id = $1";
    /// Makes a person an administrator of the server, or an ordinary person again, unless they are that already.
    unscoped SET_ADMIN: (UserId, bool, Timestamp) => () =
        "UPDATE person SET is_admin = $2, updated = $3 WHERE id = $1 AND is_admin <> $2";
    /// The time zone of the browser in which a person last signed in.
    unscoped ZONE: (UserId,) => (Option<String>,) = "SELECT zone FROM person WHERE id = $1";
    /// Keeps a person's time zone.
    unscoped SET_ZONE: (UserId, String) => () = "UPDATE person SET zone = $2 WHERE id = $1";
    /// The person whose personal account has this handle.
    unscoped PERSON_BY_HANDLE: (Handle,) => (UserId,) =
        "SELECT m.person_id FROM account a JOIN account_member m ON m.account_id = a.id
         WHERE a.handle = $1 AND a.kind = 'personal'";
}
