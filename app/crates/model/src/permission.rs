//! What a member of a workspace or an account may do, and which role may do it.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What a member may or may not do in a workspace or an account. There are at most 20 permissions.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[$doc])* $name,)*
        }

        const _: () = assert!([$(Permission::$name),*].len() <= 20);

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Permit for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )*
    };
}

/// A permission as a type, so that a function states in its signature which one it requires.
pub trait Permit: Send + Sync + 'static {
    /// The permission as a value.
    const PERMISSION: Permission;
}

permissions! {
    /// See flows, runs, their states, logs and events.
    ReadRuns,
    /// Create runs, set their states, write logs and events, acquire slots of limits.
    WriteRuns,
    /// See block types, schemas and documents.
    ReadBlocks,
    /// Create and update block types, schemas and documents.
    WriteBlocks,
    /// See variables.
    ReadVariables,
    /// Create, update and delete variables.
    WriteVariables,
    /// See concurrency limits.
    ReadLimits,
    /// Create, update and delete concurrency limits.
    WriteLimits,
    /// Change the workspace's name, handle and description.
    EditWorkspace,
    /// Delete the workspace with everything in it.
    DeleteWorkspace,
    /// Create workspaces in the account.
    CreateWorkspaces,
}

/// The role of a member of a workspace or an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Has every permission.
    Owner,
    /// Sees what is in the workspace, and changes nothing.
    Viewer,
}

impl Role {
    /// All roles.
    pub const ALL: &[Self] = &[Self::Owner, Self::Viewer];

    /// The text in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Viewer => "viewer",
        }
    }

    /// The inverse of [`Role::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.as_str() == text)
    }

    /// Whether the role has `permission`.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Viewer => {
                use Permission::{ReadBlocks, ReadLimits, ReadRuns, ReadVariables};
                matches!(permission, ReadRuns | ReadBlocks | ReadVariables | ReadLimits)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, Role};

    /// The texts are in the database.
    #[test]
    fn roles_have_their_texts() {
        let texts = [(Role::Owner, "owner"), (Role::Viewer, "viewer")];
        for (role, text) in texts {
            assert_eq!((role.as_str(), Role::parse(text)), (text, Some(role)));
        }
        assert_eq!(Role::parse("emperor"), None);
    }

    #[test]
    fn a_viewer_reads_and_changes_nothing() {
        use Permission::{
            CreateWorkspaces, DeleteWorkspace, EditWorkspace, ReadBlocks, ReadLimits, ReadRuns, ReadVariables,
            WriteBlocks, WriteLimits, WriteRuns, WriteVariables,
        };
        let reads = [ReadRuns, ReadBlocks, ReadVariables, ReadLimits];
        let changes =
            [WriteRuns, WriteBlocks, WriteVariables, WriteLimits, EditWorkspace, DeleteWorkspace, CreateWorkspaces];
        assert_eq!(reads.map(|permission| Role::Viewer.may(permission)), [true; 4]);
        assert_eq!(changes.map(|permission| Role::Viewer.may(permission)), [false; 7]);
    }
}
