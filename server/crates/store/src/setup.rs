//! The link with which the first person of a server registers.

use model::{id::UserId, time::Timestamp};

use crate::statements;

statements! {
    /// A person other than this one, if there is any.
    unscoped OTHER_PERSON: (UserId,) => (UserId,) = "SELECT id FROM person WHERE id <> $1 LIMIT 1";
    /// Replaces the link by one with this hash.
    unscoped SET_SETUP_LINK: (String, Timestamp) => () =
        "INSERT INTO setup (id, token_hash, created) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, created = excluded.created";
    /// Deletes the link, if there is one.
    unscoped DELETE_SETUP_LINK: () => () = "DELETE FROM setup";
    /// Uses up the link with this hash, unless there is a person other than this one.
    unscoped USE_SETUP_LINK: (String, UserId) => () =
        "DELETE FROM setup WHERE token_hash = $1 AND NOT EXISTS (SELECT 1 FROM person WHERE id <> $2)";
}
