//! Accounts and their workspaces.

use serde::{Deserialize, Serialize};

use crate::{
    handle::Handle,
    id::{AccountId, WorkspaceId},
    time::Timestamp,
};

/// An owner of workspaces: a person's own account today.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub handle: Handle,
}

/// A workspace.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub account_id: AccountId,
    pub name: String,
    pub handle: Handle,
    pub description: String,
}

/// A workspace in the list that clients ask for when they sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MeWorkspace {
    pub account_id: AccountId,
    pub account_name: String,
    pub account_handle: Handle,
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    /// Empty when there is none: clients refuse null.
    pub workspace_description: String,
    pub workspace_handle: Handle,
}

impl MeWorkspace {
    /// The two of them, as a client lists them.
    #[must_use]
    pub fn new(account: &Account, workspace: &Workspace) -> Self {
        Self {
            account_id: account.id,
            account_name: account.name.clone(),
            account_handle: account.handle.clone(),
            workspace_id: workspace.id,
            workspace_name: workspace.name.clone(),
            workspace_description: workspace.description.clone(),
            workspace_handle: workspace.handle.clone(),
        }
    }
}

/// A workspace on the page that lists them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorkspaceCard {
    pub account: Account,
    pub workspace: Workspace,
    pub favourite: bool,
    /// The last [`STRIP_DAYS`] days, the oldest first; days without runs are there too.
    pub days: Vec<Day>,
    /// Of those days.
    pub flow_runs: i64,
    /// Of those days.
    pub task_runs: i64,
}

/// The flow runs of one day (UTC), by how they ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Day {
    /// When the day begins.
    pub start: Timestamp,
    pub completed: i64,
    /// Failed, crashed or cancelled.
    pub broken: i64,
    /// Under way or still to come.
    pub open: i64,
}

impl Day {
    /// All runs of the day.
    #[must_use]
    pub fn total(self) -> i64 {
        self.completed + self.broken + self.open
    }
}

/// A workspace as its settings page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorkspaceDetail {
    pub account: Account,
    pub workspace: Workspace,
    pub flows: i64,
    pub flow_runs: i64,
    pub task_runs: i64,
    /// When a client last called with a key of a member, to the minute.
    pub last_call: Option<Timestamp>,
}

/// The handle of the workspace that local mode makes and serves without keys.
pub const LOCAL_WORKSPACE: &str = "default";

/// Whether somebody typed this name. Pages draw any run of spaces as one, so nobody can tell what stands between two words.
#[must_use]
pub fn is_name_typed(typed: &str, name: &str) -> bool {
    typed.split_whitespace().eq(name.split_whitespace())
}

/// How many days a card's strip shows.
pub const STRIP_DAYS: i64 = 30;
/// The most characters of a workspace's name.
pub const LONGEST_NAME: usize = 100;
/// The most characters of a workspace's description.
pub const LONGEST_DESCRIPTION: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::is_name_typed;

    #[test]
    fn a_name_is_typed_as_it_is_read() {
        for name in ["Harbour office", "Harbour  office", "Harbour\u{a0}office"] {
            assert!(is_name_typed(" Harbour office ", name), "{name:?}");
        }
        for other in ["", "Harbour", "harbour office", "Harbouroffice", "Harbour office 2"] {
            assert!(!is_name_typed(other, "Harbour office"), "{other:?}");
        }
    }
}
