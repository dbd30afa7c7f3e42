//! What a deleted workspace leaves behind, removed a few rows at a time so that no other write waits long.

use model::{
    id::WorkspaceId,
    time::{Span, Timestamp},
};
use store::{
    Read, Tx, Write,
    reap::{DELETED_WORKSPACE, REAP_WORKSPACE, TABLES},
    system::ServiceName,
    workspace::DELETED_WORKSPACES,
};

use crate::{Cx, Error, Result};

/// How long a workspace is left alone after it was deleted: calls that had entered it by then are over after that.
const GRACE: Span = Span::from_micros(60_000_000);

/// Deleted workspaces of which something is left, the longest deleted first, at most `most`.
///
/// # Errors
/// Only those of the database.
pub async fn reapable(cx: &Cx, most: i64) -> Result<Vec<WorkspaceId>> {
    let until = cx.clock.now().plus_micros(-GRACE.micros());
    cx.db.read(Reapable { until, most }).await
}

struct Reapable {
    until: Timestamp,
    most: i64,
}

impl Read for Reapable {
    type Out = Vec<WorkspaceId>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<WorkspaceId>> {
        let rows = tx.system(ServiceName::WorkspaceReaper).all(&DELETED_WORKSPACES, (self.until, self.most)).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

/// Removes at most `most` rows of a deleted workspace, and the workspace itself when nothing else is left.
#[derive(Clone, Copy, Debug)]
pub struct ReapBatch {
    pub workspace: WorkspaceId,
    pub most: i64,
}

impl ReapBatch {
    /// Rows of a batch that others do not notice: on SQLite every write waits while it runs, so it is to take no longer than theirs.
    pub const ROWS: i64 = 20;
}

/// What a batch did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reaped {
    /// How many rows it removed.
    pub rows: i64,
    /// Whether the workspace is gone.
    pub done: bool,
}

impl Write for ReapBatch {
    type Out = Reaped;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Reaped> {
        let mut system = tx.system(ServiceName::WorkspaceReaper);
        let mut rows = 0;
        if system.all(&DELETED_WORKSPACE, (self.workspace,)).await?.is_empty() {
            return Ok(Reaped { rows, done: true });
        }
        for table in TABLES {
            rows += count(system.run(table, (self.workspace, self.most - rows)).await?);
            // A table is left only when it is known to be empty.
            if rows >= self.most {
                return Ok(Reaped { rows, done: false });
            }
        }
        rows += count(system.run(&REAP_WORKSPACE, (self.workspace,)).await?);
        Ok(Reaped { rows, done: true })
    }
}

fn count(touched: u64) -> i64 {
    i64::try_from(touched).unwrap_or(i64::MAX)
}
