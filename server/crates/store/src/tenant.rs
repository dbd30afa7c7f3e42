//! The proof that somebody may act inside a workspace.
//!
//! A [`Tenant`] can't be made by hand: only a look-up of a membership or of a key's workspace yields one, and only a tenant opens the tables
//! of a workspace.

use model::{
    id::{AccountId, WorkspaceId},
    permission::Role,
};

/// A workspace together with the role that its caller has there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tenant {
    account: AccountId,
    workspace: WorkspaceId,
    role: Role,
}

impl Tenant {
    pub(crate) fn new(account: AccountId, workspace: WorkspaceId, role: Role) -> Self {
        Self { account, workspace, role }
    }

    /// The account that owns the workspace.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The workspace.
    #[must_use]
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// What the caller is there.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }
}
