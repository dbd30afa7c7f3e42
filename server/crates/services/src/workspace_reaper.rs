//! Removes what deleted workspaces have left behind.

use std::time::Duration;

use control::{
    Cx, Result,
    workspace::{ReapBatch, reapable},
};

use crate::service::{Report, Service};

/// Workspaces of one tick, at most: the first of them that can be emptied is.
const LOOKED_AT: i64 = 100;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct WorkspaceReaper;

impl Service for WorkspaceReaper {
    const NAME: &'static str = "workspace-reaper";

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let mut failed = None;
        for workspace in reapable(cx, LOOKED_AT).await? {
            match cx.db.write(ReapBatch { workspace, most: ReapBatch::ROWS }).await {
                // When this workspace is gone, another may be waiting.
                Ok(reaped) => return Ok(Report { done: reaped.rows.unsigned_abs(), more: true }),
                // One that can't be emptied does not keep the others from it.
                Err(error) => {
                    tracing::warn!(%workspace, %error, "a deleted workspace could not be emptied");
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(Report::default()), Err)
    }
}
