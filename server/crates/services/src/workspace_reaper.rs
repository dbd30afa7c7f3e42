//! Deletes the rows of deleted workspaces.

use std::time::Duration;

use control::{
    Cx, Result,
    workspace::{ReapBatch, reapable},
};

use crate::service::{Report, Service};

/// Maximum workspaces that one tick tries; it deletes a batch of the first one that can be emptied.
const MAX_CANDIDATES: i64 = 100;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct WorkspaceReaper;

impl Service for WorkspaceReaper {
    const NAME: &'static str = "workspace-reaper";
    const TITLE: &'static str = "Deleted workspaces";
    const DESCRIPTION: &'static str = "Removes the data of deleted workspaces";
    const COUNTS: (&'static str, &'static str) = ("row removed", "rows removed");

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let mut last_error = None;
        for workspace in reapable(cx, MAX_CANDIDATES).await? {
            match cx.db.write(ReapBatch { workspace, max_rows: ReapBatch::ROWS }).await {
                // Once this workspace is empty, there may be another one.
                Ok(reaped) => return Ok(Report { done: reaped.rows.unsigned_abs(), more: true }),
                // A workspace that can't be emptied must not block the others.
                Err(error) => {
                    tracing::warn!(%workspace, %error, "a deleted workspace could not be emptied");
                    last_error = Some(error);
                }
            }
        }
        last_error.map_or(Ok(Report::default()), Err)
    }
}
