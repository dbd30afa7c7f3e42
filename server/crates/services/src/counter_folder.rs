//! Adds up what several connections have counted each for itself, so that sums stay short.

use std::time::Duration;

use control::{Cx, Error, Result};
use store::{
    Tx, Write,
    counter::{DAY, HOUR, bucket},
    fold,
};

use crate::service::{Report, Service};

/// Rows of one write.
const BATCH: i64 = 500;
/// History is left alone for so many hours, and days, in which runs still move a lot.
const YOUNG: i64 = 2;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct CounterFolder;

impl Service for CounterFolder {
    const NAME: &'static str = "counter-folder";

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let now = cx.clock.now();
        // Totals are always being counted, so a full batch of them is no reason to hurry.
        let totals = cx.db.write(FoldTotals).await?;
        let mut history = Vec::new();
        for grain in [HOUR, DAY] {
            history.push(cx.db.write(FoldHistory { grain, before: bucket(now, grain) - YOUNG }).await?);
        }
        let more = history.iter().any(|found| Report::of_batch(*found, BATCH).more);
        Ok(Report { done: totals + history.iter().sum::<u64>(), more })
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
