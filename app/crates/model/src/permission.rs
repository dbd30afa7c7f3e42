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

        impl Permission {
            /// All permissions.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }

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
                matches!(permission, Permission::ReadRuns | Permission::ReadBlocks | Permission::ReadLimits)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, Role};

    #[test]
    fn an_owner_has_every_permission() {
        assert!(Permission::ALL.len() <= 20);
        assert!(Permission::ALL.iter().all(|permission| Role::Owner.may(*permission)));
    }

    #[test]
    fn a_viewer_may_only_read() {
        let allowed = Permission::ALL.iter().filter(|permission| Role::Viewer.may(**permission));
        assert!(allowed.clone().all(|permission| format!("{permission:?}").starts_with("Read")));
        assert_eq!(allowed.count(), 3);
    }

    #[test]
    fn roles_are_parsed_from_their_text() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(*role));
        }
        assert_eq!(Role::parse("emperor"), None);
    }
}
