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

    fn period(&self) -> Duration {
        Duration::from_secs(15)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        Ok(Report::of_batch(reap(cx, BATCH).await?, BATCH))
    }
}
