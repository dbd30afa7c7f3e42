//! Deletes sign-ins by provider that were not completed. They are already rejected before that; deleting them only frees space.

use std::time::Duration;

use control::{Cx, Result, person::provider::ReapUnfinished};

use crate::service::{Report, Service};

/// Maximum rows of one tick, of each kind.
const BATCH: i64 = 500;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct SignInReaper;

impl Service for SignInReaper {
    const NAME: &'static str = "sign-in-reaper";
    const TITLE: &'static str = "Unfinished sign-ins";
    const DESCRIPTION: &'static str = "Removes sign-ins by a provider that were never completed";
    const COUNTS: (&'static str, &'static str) = ("sign-in removed", "sign-ins removed");

    fn period(&self) -> Duration {
        Duration::from_secs(600)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let done = cx.db.write(ReapUnfinished { now: cx.clock.now(), max_rows: BATCH }).await?;
        Ok(Report::of_batch(done, BATCH))
    }
}
