//! The proofs that open a workspace's tables, and the proof of a membership in an account.
//!
//! Only [`access`](crate::access) makes a [`Tenant`] or an [`AccountMember`], when it finds a membership. A background service acts as
//! [`Actor::service`] in the workspaces that its system statements return.

use model::{
    id::{AccountId, WorkspaceId},
    permission::Role,
};

use crate::system::ServiceName;

/// What opens a workspace's tables.
pub trait WorkspaceProof: sealed::Sealed {
    /// The workspace.
    fn workspace(&self) -> WorkspaceId;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Tenant {}
    impl Sealed for super::Actor {}
}

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

impl WorkspaceProof for Tenant {
    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
}

/// Who makes a write in a workspace: a member, or a background service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Actor(ActorKind);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ActorKind {
    Member(Tenant),
    Service(ServiceName, WorkspaceId),
}

impl Actor {
    /// A background service, in a workspace that one of its system statements returned.
    #[must_use]
    pub fn service(name: ServiceName, workspace: WorkspaceId) -> Self {
        Self(ActorKind::Service(name, workspace))
    }
}

impl From<&Tenant> for Actor {
    fn from(tenant: &Tenant) -> Self {
        Self(ActorKind::Member(*tenant))
    }
}

impl WorkspaceProof for Actor {
    fn workspace(&self) -> WorkspaceId {
        match self.0 {
            ActorKind::Member(tenant) => tenant.workspace(),
            ActorKind::Service(_, workspace) => workspace,
        }
    }
}

/// An account and the caller's role in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountMember {
    account: AccountId,
    role: Role,
}

impl AccountMember {
    pub(crate) fn new(account: AccountId, role: Role) -> Self {
        Self { account, role }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The caller's role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }
}
