//! Accounts and their workspaces.

use serde::{Deserialize, Serialize};

use crate::{
    handle::Handle,
    id::{AccountId, WorkspaceId},
    time::Timestamp,
};

/// The owner of workspaces: today always a personal account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub handle: Handle,
}

/// The ids by which a request or the path of a page names a workspace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct WorkspaceRef {
    pub account: AccountId,
    pub workspace: WorkspaceId,
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

/// A workspace in `GET /me/workspaces`, which clients read at sign-in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MeWorkspace {
    pub account_id: AccountId,
    pub account_name: String,
    pub account_handle: Handle,
    pub workspace_id: WorkspaceId,
    pub workspace_name: String,
    /// Empty if there is none: clients reject null.
    pub workspace_description: String,
    pub workspace_handle: Handle,
}

impl MeWorkspace {
    /// Combines an account and its workspace.
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

/// A workspace on the page of all workspaces.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorkspaceCard {
    pub account: Account,
    pub workspace: Workspace,
    pub favourite: bool,
    /// The last [`HISTORY_DAYS`] days, oldest first, including days without runs.
    pub days: Vec<Day>,
    /// In those days.
    pub flow_runs: i64,
    /// In those days.
    pub task_runs: i64,
}

/// The flow runs of one day (UTC), by how they ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Day {
    /// The first moment of the day.
    pub start: Timestamp,
    pub completed: i64,
    /// Failed, crashed or cancelled.
    pub broken: i64,
    /// Running, or not started yet.
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
    /// The last API call with a key of a member, to the minute.
    pub last_call: Option<Timestamp>,
}

/// The handle of the workspace that local mode creates and serves without keys.
pub const LOCAL_WORKSPACE: &str = "default";

/// Whether `typed` confirms the deletion of the workspace with this handle. A name could be hard to type, and spaces in it look alike.
#[must_use]
pub fn is_handle_typed(typed: &str, handle: &Handle) -> bool {
    typed.trim() == handle.as_str()
}

/// How many days the history chart of a workspace shows.
pub const HISTORY_DAYS: i64 = 30;
/// The most characters of a workspace's name.
pub const MAX_NAME_CHARACTERS: usize = 100;
/// The most characters of a workspace's description.
pub const MAX_DESCRIPTION_CHARACTERS: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::is_handle_typed;

    #[test]
    fn a_handle_is_confirmed_as_it_is_displayed() {
        let handle = "harbour-office".parse().unwrap();
        for typed in ["harbour-office", " harbour-office\n"] {
            assert!(is_handle_typed(typed, &handle), "{typed:?}");
        }
        for other in ["", "harbour", "Harbour office", "Harbour-Office", "harbour-office-2"] {
            assert!(!is_handle_typed(other, &handle), "{other:?}");
        }
    }
}
