//! What a member of a workspace may do, and which role may do it.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What a member may or may not do in a workspace. There are at most 20 permissions.
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
}

/// The role of a member of a workspace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Has every permission.
    Owner,
}

impl Role {
    /// The text in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
        }
    }

    /// The inverse of [`Role::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text == Self::Owner.as_str()).then_some(Self::Owner)
    }

    /// Whether the role has `permission`.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::Owner => Permission::ALL.contains(&permission),
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
    fn roles_are_parsed_from_their_text() {
        assert_eq!(Role::parse(Role::Owner.as_str()), Some(Role::Owner));
        assert_eq!(Role::parse("viewer"), None);
    }
}
