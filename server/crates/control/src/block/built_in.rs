//! Block types that every workspace has.
//!
//! A workspace gets the row of such a type when somebody first asks for it, so that making a workspace need not know of blocks, and a type
//! added to this list is in the workspaces of yesterday too.

use model::{id::BlockTypeId, time::Timestamp};
use store::block::BlockTypeRow;

/// A block type that comes with the program.
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
