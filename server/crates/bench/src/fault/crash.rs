//! Kills a server while clients write. Must not know how the server stores data.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::writers::{Until, WriteResults, compare, write};
use crate::api::Api;
use crate::file;
use crate::lifecycle;
use crate::load::Target;
use crate::provost::Provost;

/// Each kill comes after `FEWEST` up to `FEWEST + SPREAD` acknowledgements.
const FEWEST: usize = 20;
const SPREAD: usize = 150;
const POLL: Duration = Duration::from_millis(1);

/// Kills the server `times` times, each time after a different number of acknowledged writes. After each restart and at the end
/// checks that all acknowledged writes are stored; returns their number. The server must run in local mode.
pub async fn kill(mut provost: Provost, times: usize) -> Result<usize> {
    static ACKNOWLEDGED: AtomicUsize = AtomicUsize::new(0);
    static KILLED: AtomicBool = AtomicBool::new(false);
    let flow = lifecycle::create_flow(&target(&provost)?).await?;
    let mut all_results = WriteResults::default();
    for time in 0..times {
        let enough = ACKNOWLEDGED.load(Ordering::Relaxed) + FEWEST + time * 37 % SPREAD;
        let (write_target, flow) = (target(&provost)?, flow.clone());
        KILLED.store(false, Ordering::SeqCst);
        let writing =
            tokio::spawn(async move { write(&write_target, &flow, Until::Killed(&KILLED), &ACKNOWLEDGED).await });
        while ACKNOWLEDGED.load(Ordering::Relaxed) < enough && !writing.is_finished() {
            sleep(POLL).await;
        }
        KILLED.store(true, Ordering::SeqCst);
        provost = provost.crash_and_restart().await?;
        let results = writing.await??;
        ensure!(results.refusals.is_empty(), "rejected writes: {:?}", results.refusals);
        compare(&target(&provost)?, &results.runs).await?;
        all_results.extend(results);
    }
    compare(&target(&provost)?, &all_results.runs).await?;
    file::check_integrity(&provost.file())?;
    Ok(all_results.acknowledged())
}

fn target(provost: &Provost) -> Result<Target> {
    Api::new(format!("{}/api", provost.url()), None)?.target()
}
