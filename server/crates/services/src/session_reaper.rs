//! Deletes expired sessions. They are already rejected before that; deleting them only frees space.

use std::time::Duration;

use control::{Cx, Result, session::ReapSessions};

use crate::service::{Report, Service};

/// Maximum sessions of one tick.
const BATCH: i64 = 500;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct SessionReaper;

impl Service for SessionReaper {
    const NAME: &'static str = "session-reaper";
    const TITLE: &'static str = "Sessions";
    const DESCRIPTION: &'static str = "Removes sessions that have expired";
    const COUNTS: (&'static str, &'static str) = ("session removed", "sessions removed");

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let done = cx.db.write(ReapSessions { now: cx.clock.now(), max_rows: BATCH }).await?;
        Ok(Report::of_batch(done, BATCH))
    }
}
