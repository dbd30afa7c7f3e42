//! Block types that every workspace has.
//!
//! The row of such a type is inserted into a workspace when a client first reads it. So the code that creates workspaces does not depend on
//! blocks, and a type that is added to this list exists in older workspaces too.

use model::{id::BlockTypeId, time::Timestamp};
use store::block::BlockTypeRow;

/// A block type that is built into the server.
pub(super) struct BuiltIn {
    slug: &'static str,
    name: &'static str,
    description: &'static str,
}

const BUILT_IN: [BuiltIn; 1] = [BuiltIn {
    slug: "local-file-system",
    name: "Local File System",
    description: "Keeps data in files below a folder of the machine that the run is on.",
}];

/// The built-in type of this slug.
pub(super) fn find(slug: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|built_in| built_in.slug == slug)
}

impl BuiltIn {
    /// Its row in a workspace.
    pub(super) fn row(&self, id: BlockTypeId, now: Timestamp) -> BlockTypeRow {
        BlockTypeRow {
            id,
            slug: self.slug.to_owned(),
            name: self.name.to_owned(),
            logo_url: None,
            documentation_url: None,
            description: Some(self.description.to_owned()),
            code_example: None,
            is_protected: true,
            created: now,
            updated: now,
        }
    }
}
