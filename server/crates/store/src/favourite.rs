//! The workspaces that a person has marked as favourites.

use model::{id::UserId, time::Timestamp};

use crate::statements;

statements! {
    /// Marks this workspace as a person's favourite, unless it is one.
    scoped INSERT_FAVOURITE: (UserId, Timestamp) => () =
        "INSERT INTO favourite (workspace_id, person_id, created) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    /// Removes the mark.
    scoped DELETE_FAVOURITE: (UserId,) => () = "DELETE FROM favourite WHERE workspace_id = $1 AND person_id = $2";
}
