//! What a member of a workspace may do, and which role may do it.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// One thing that a member may or may not do in a workspace. There are at most 20 of them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[$doc])* $name,)*
        }

        impl Permission {
            /// All of them.
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

/// A permission as a type, for doors that state in their signature what they ask for.
pub trait Permit: Send + Sync + 'static {
    /// The same permission as a value.
    const PERMISSION: Permission;
}

permissions! {
    /// See flows, runs, their states, logs and events.
    ReadRuns,
    /// Make runs, change their states, write logs and events, hold slots of limits.
    WriteRuns,
    /// See block types, schemas and documents.
    ReadBlocks,
    /// Make and change block types, schemas and documents.
    WriteBlocks,
    /// See concurrency limits.
    ReadLimits,
    /// Make, change and delete concurrency limits.
    WriteLimits,
    /// Change the workspace's name, handle and description.
    EditWorkspace,
    /// Delete the workspace with everything in it.
    DeleteWorkspace,
}

/// What a member is in a workspace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything.
    Owner,
}

impl Role {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
        }
    }

    /// The role that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        (word == Self::Owner.as_str()).then_some(Self::Owner)
    }

    /// The table: what a role may do.
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
    fn there_are_few_permissions_and_an_owner_has_them_all() {
        assert!(Permission::ALL.len() <= 20);
        assert!(Permission::ALL.iter().all(|permission| Role::Owner.may(*permission)));
    }

    #[test]
    fn roles_are_read_back_from_their_word() {
        assert_eq!(Role::from_word(Role::Owner.as_str()), Some(Role::Owner));
        assert_eq!(Role::from_word("guest"), None);
    }
}
