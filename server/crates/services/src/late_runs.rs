//! Marks scheduled flow runs Late that did not start in time.

use std::time::Duration;

use control::{Cx, Result, flow_run};

use crate::service::{Report, Service};

/// Flow runs of one tick.
const BATCH: i64 = 400;
/// How long after its scheduled time a flow run is late, in microseconds.
const LATE_AFTER: i64 = 15_000_000;

/// See the module.
#[derive(Clone, Copy, Debug)]
pub struct LateRuns;

impl Service for LateRuns {
    const NAME: &'static str = "late-runs";
    const TITLE: &'static str = "Late runs";
    const DESCRIPTION: &'static str = "Marks runs that did not start on time";
    const COUNTS: (&'static str, &'static str) = ("run marked late", "runs marked late");

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn tick(&self, cx: &Cx) -> Result<Report> {
        let due_before = cx.clock.now().plus_micros(-LATE_AFTER);
        let marked = flow_run::mark_late(cx, due_before, BATCH).await?;
        // Of a batch of which nothing could be marked, the next tick would find the same again.
        Ok(Report { done: marked.marked, more: marked.marked > 0 && Report::of_batch(marked.found, BATCH).more })
    }
}
