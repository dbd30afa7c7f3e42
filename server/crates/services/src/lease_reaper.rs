//! Deletes expired leases, which frees their concurrency slots.

use std::time::Duration;

use control::{Cx, Result, concurrency::reap::reap};

use crate::service::{Report, Service};

/// Maximum leases of one tick.
const BATCH: i64 = 100;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct LeaseReaper;

impl Service for LeaseReaper {
    const NAME: &'static str = "lease-reaper";
    const TITLE: &'static str = "Leases";
    const DESCRIPTION: &'static str = "Frees the slots of leases that have expired";
    const COUNTS: (&'static str, &'static str) = ("lease ended", "leases ended");

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        Ok(Report::of_batch(reap(cx, BATCH).await?, BATCH))
    }
}
