//! Removes what deleted workspaces have left behind.

use std::time::Duration;

use control::{
    Cx, Result,
    workspace::{ReapBatch, reapable},
};

use crate::service::{Report, Service};

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct WorkspaceReaper;

impl Service for WorkspaceReaper {
    const NAME: &'static str = "workspace-reaper";

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let Some(workspace) = reapable(cx, 1).await?.into_iter().next() else { return Ok(Report::default()) };
        let reaped = cx.db.write(ReapBatch { workspace, most: ReapBatch::ROWS }).await?;
        // When this workspace is gone, another may be waiting.
        Ok(Report { done: reaped.rows.unsigned_abs(), more: true })
    }
}
