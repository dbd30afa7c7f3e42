//! Workspaces: the list of them, making, editing and deleting one. What lies in them belongs to other modules.

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
use model::workspace::{LONGEST_DESCRIPTION, LONGEST_NAME};
pub use reap::{ReapBatch, Reaped, reapable};

use crate::form::{TextError, line, lines};

/// The most workspaces of one account, and the most that are listed.
const MOST: i64 = 200;

fn read_name(typed: &str) -> Result<String, TextError> {
    line(typed, LONGEST_NAME)
}

fn read_description(typed: &str) -> Result<String, TextError> {
    lines(typed, LONGEST_DESCRIPTION)
}
