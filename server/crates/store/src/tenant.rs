//! The proof that a caller may act inside a workspace.
//!
//! Only [`access`](crate::access) makes a [`Tenant`], when it finds a membership, and only with a tenant can statements use the tables of a
//! workspace.

use model::{
    id::{AccountId, WorkspaceId},
    permission::Role,
};

/// A workspace and the caller's role in it.
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

    /// The caller's role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }
}
