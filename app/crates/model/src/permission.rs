//! What a member of a workspace or an account may do, and which role may do it.

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    (reads { $($(#[$read_doc:meta])* $read:ident,)* } changes { $($(#[$change_doc:meta])* $change:ident,)* }) => {
        /// What a member may or may not do in a workspace or an account. There are at most 20 permissions.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission {
            $($(#[$read_doc])* $read,)*
            $($(#[$change_doc])* $change,)*
        }

        impl Permission {
            /// All permissions.
            pub const ALL: &[Self] = &[$(Self::$read,)* $(Self::$change,)*];

            /// Whether it changes nothing.
            #[must_use]
            pub fn only_reads(self) -> bool {
                matches!(self, $(Self::$read)|*)
            }
        }

        const _: () = assert!(Permission::ALL.len() <= 20);

        permissions! { $($(#[$read_doc])* $read,)* $($(#[$change_doc])* $change,)* }
    };
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Permit for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

/// A permission as a type, so that a function states in its signature which one it requires.
pub trait Permit: Send + Sync + 'static {
    /// The permission as a value.
    const PERMISSION: Permission;
}

permissions! {
    reads {
        /// See flows, runs, their states, logs and events.
        ReadRuns,
        /// See block types, schemas and documents.
        ReadBlocks,
        /// See variables.
        ReadVariables,
        /// See concurrency limits.
        ReadLimits,
    }
    changes {
        /// Create runs, set their states, write logs and events, acquire slots of limits.
        WriteRuns,
        /// Create and update block types, schemas and documents.
        WriteBlocks,
        /// Create, update and delete variables.
        WriteVariables,
        /// Create, update and delete concurrency limits.
        WriteLimits,
        /// Change the workspace's name, handle and description.
        EditWorkspace,
        /// Delete the workspace with everything in it.
        DeleteWorkspace,
        /// Create workspaces in the account.
        CreateWorkspaces,
    }
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
            Self::Viewer => permission.only_reads(),
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
        for permission in Permission::ALL {
            let reads = format!("{permission:?}").starts_with("Read");
            assert_eq!((Role::Viewer.may(*permission), Role::Owner.may(*permission)), (reads, true), "{permission:?}");
        }
    }
}
