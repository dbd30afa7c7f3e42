//! Block types that every workspace has.
//!
//! The write that creates a workspace inserts them. Workspaces of an older program get the types that they lack when the server starts.

use model::{
    block::BlockType,
    id::{BlockTypeId, WorkspaceId},
    time::Timestamp,
};
use store::{
    Read, Tx, Write,
    block::{INSERT_BLOCK_TYPE, WORKSPACES_WITHOUT_BLOCK_TYPE},
    system::ServiceName,
};
use uuid::Uuid;

use crate::{Cx, Error, Result};

/// A block type that is built into the server.
struct BuiltIn {
    slug: &'static str,
    name: &'static str,
    description: &'static str,
}

const BUILT_IN: [BuiltIn; 1] = [BuiltIn {
    slug: "local-file-system",
    name: "Local File System",
    description: "Stores data as files in a folder on the machine where the run executes.",
}];

/// How many workspaces one write changes, so that other writes do not wait long for it.
const BATCH: i64 = 50;

impl BuiltIn {
    fn row(&self, id: BlockTypeId, now: Timestamp) -> BlockType {
        BlockType {
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

/// The rows of all built-in types for a new workspace.
pub(crate) fn rows(cx: &Cx, now: Timestamp) -> Vec<BlockType> {
    BUILT_IN.iter().map(|built_in| built_in.row(cx.ids.make(now), now)).collect()
}

/// Inserts rows into a workspace, except those whose slug is taken.
pub(crate) async fn insert(tx: &mut Tx<'_>, workspace: WorkspaceId, rows: &[BlockType]) -> Result<()> {
    tx.system(ServiceName::BlockTypeInstaller).of(workspace).insert(&INSERT_BLOCK_TYPE, rows).await?;
    Ok(())
}

/// Adds the built-in types to workspaces that lack one. Called when the server starts.
///
/// # Errors
/// Only those of the database.
pub async fn install(cx: &Cx) -> Result<()> {
    let now = cx.clock.now();
    for built_in in &BUILT_IN {
        let mut after = WorkspaceId(Uuid::nil());
        loop {
            let lacking = cx.db.read(Lacking { slug: built_in.slug, after }).await?;
            let Some(last) = lacking.last() else { break };
            after = *last;
            let rows = lacking.iter().map(|workspace| (*workspace, built_in.row(cx.ids.make(now), now))).collect();
            cx.db.write(Install { rows }).await?;
        }
    }
    Ok(())
}

/// The next workspaces, by id, without a block type of this slug.
struct Lacking {
    slug: &'static str,
    after: WorkspaceId,
}

impl Read for Lacking {
    type Out = Vec<WorkspaceId>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<WorkspaceId>> {
        let mut system = tx.system(ServiceName::BlockTypeInstaller);
        let rows = system.all(&WORKSPACES_WITHOUT_BLOCK_TYPE, (self.slug, self.after, BATCH)).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

struct Install {
    rows: Vec<(WorkspaceId, BlockType)>,
}

impl Write for Install {
    type Out = ();
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (workspace, row) in &self.rows {
            insert(tx, *workspace, std::slice::from_ref(row)).await?;
        }
        Ok(())
    }
}
