//! Merges counter rows: each connection counts into its own rows, and sums over many rows would become slow.

use std::time::Duration;

use control::{Cx, Error, Result};
use store::{
    Tx, Write,
    counter::{DAY, HOUR, bucket},
    fold,
};

use crate::service::{Report, Service};

/// Maximum rows of one write.
const BATCH: i64 = 500;
/// The latest hours, and days, that are not merged, because runs still change there a lot.
const UNMERGED_BUCKETS: i64 = 2;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct CounterFolder;

impl Service for CounterFolder {
    const NAME: &'static str = "counter-folder";
    const TITLE: &'static str = "Counters";
    const DESCRIPTION: &'static str = "Merges the rows that count runs";
    const COUNTS: (&'static str, &'static str) = ("row merged", "rows merged");

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let now = cx.clock.now();
        // Totals change all the time, so a full batch of them does not count as more work.
        let totals = cx.db.write(FoldTotals).await?;
        let mut history_rows = Vec::new();
        for grain in [HOUR, DAY] {
            history_rows.push(cx.db.write(FoldHistory { grain, before: bucket(now, grain) - UNMERGED_BUCKETS }).await?);
        }
        let more = history_rows.iter().any(|rows| Report::of_batch(*rows, BATCH).more);
        Ok(Report { done: totals + history_rows.iter().sum::<u64>(), more })
    }
}

struct FoldTotals;

impl Write for FoldTotals {
    type Out = u64;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        Ok(fold::totals(tx, BATCH).await?)
    }
}

struct FoldHistory {
    grain: i64,
    before: i64,
}

impl Write for FoldHistory {
    type Out = u64;
    type Error = Error;
    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        Ok(fold::hours(tx, self.grain, self.before, BATCH).await?)
    }
}
