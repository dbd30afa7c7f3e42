//! The workspaces that somebody has marked with a star.

use model::{id::UserId, time::Timestamp};

use crate::statements;

statements! {
    /// Marks this workspace, unless it is marked.
    scoped INSERT_FAVOURITE: (UserId, Timestamp) => () =
        "INSERT INTO favourite (workspace_id, person_id, created) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    /// Takes the mark away.
    scoped DELETE_FAVOURITE: (UserId,) => () = "DELETE FROM favourite WHERE workspace_id = $1 AND person_id = $2";
}
