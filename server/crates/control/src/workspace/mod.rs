//! Workspaces: listing, creating, editing and deleting them. Their contents belong to other modules.

mod create;
mod delete;
mod detail;
mod edit;
mod favourite;
mod list;
mod reap;

pub use create::{NewWorkspace, create};
pub use delete::delete;
pub use detail::{detail, names};
pub use edit::{WorkspaceEdit, edit};
pub use favourite::set_favourite;
pub use list::{cards, me_workspaces};
use model::workspace::{MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS};
pub use reap::{ReapBatch, Reaped, reapable};

use crate::form::{TextError, line, lines};

/// The most workspaces of one account, and in one list.
const MAX_WORKSPACES: i64 = 200;

fn read_name(typed: &str) -> Result<String, TextError> {
    line(typed, MAX_NAME_CHARACTERS)
}

fn read_description(typed: &str) -> Result<String, TextError> {
    lines(typed, MAX_DESCRIPTION_CHARACTERS)
}
