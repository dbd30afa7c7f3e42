//! Removes the rows of deleted workspaces, a few at a time, so that no other write waits long.

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

/// How long after its deletion a workspace's rows are kept: calls that were authorized before it have ended by then.
const GRACE: Span = Span::from_micros(60_000_000);

/// At most `limit` deleted workspaces with rows left, those deleted first before the others.
///
/// # Errors
/// Only those of the database.
pub async fn reapable(cx: &Cx, limit: i64) -> Result<Vec<WorkspaceId>> {
    let until = cx.clock.now().plus_micros(-GRACE.micros());
    cx.db.read(Reapable { until, limit }).await
}

struct Reapable {
    until: Timestamp,
    limit: i64,
}

impl Read for Reapable {
    type Out = Vec<WorkspaceId>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<WorkspaceId>> {
        let rows = tx.system(ServiceName::WorkspaceReaper).all(&DELETED_WORKSPACES, (self.until, self.limit)).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

/// Removes at most `max_rows` rows of a deleted workspace, and the workspace itself when no other row is left.
#[derive(Clone, Copy, Debug)]
pub struct ReapBatch {
    pub workspace: WorkspaceId,
    pub max_rows: i64,
}

impl ReapBatch {
    /// The rows of one batch. On SQLite every other write waits for it, so it should take no longer than they do.
    pub const ROWS: i64 = 20;
}

/// The result of a batch.
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
        for table in TABLES.iter() {
            rows += count(system.run(table, (self.workspace, self.max_rows - rows)).await?);
            // Go on to the next table only when this one is known to be empty.
            if rows >= self.max_rows {
                return Ok(Reaped { rows, done: false });
            }
        }
        rows += count(system.run(&REAP_WORKSPACE, (self.workspace,)).await?);
        Ok(Reaped { rows, done: true })
    }
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
