//! A server that is killed while many write. Must not know how its data is kept.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::writers::{Told, Until, compare, write};
use crate::api::Api;
use crate::file;
use crate::lifecycle;
use crate::load::Target;
use crate::provost::Provost;

/// The fewest acknowledgements before a kill, and how many more there may be.
const FEWEST: usize = 20;
const SPREAD: usize = 150;
const POLL: Duration = Duration::from_millis(1);

/// Kills the server so many times, each time after other numbers of acknowledged writes, and looks for all of them after
/// each restart and once more at the end; answers how many there were. The server runs in local mode.
pub async fn kill(mut provost: Provost, times: usize) -> Result<usize> {
    static ACKNOWLEDGED: AtomicUsize = AtomicUsize::new(0);
    static KILLED: AtomicBool = AtomicBool::new(false);
    let flow = lifecycle::flow(&target(&provost)?).await?;
    let mut all = Told::default();
    for time in 0..times {
        let enough = ACKNOWLEDGED.load(Ordering::Relaxed) + FEWEST + time * 37 % SPREAD;
        let (goes, flow) = (target(&provost)?, flow.clone());
        KILLED.store(false, Ordering::SeqCst);
        let writing = tokio::spawn(async move { write(&goes, &flow, Until::Killed(&KILLED), &ACKNOWLEDGED).await });
        while ACKNOWLEDGED.load(Ordering::Relaxed) < enough && !writing.is_finished() {
            sleep(POLL).await;
        }
        KILLED.store(true, Ordering::SeqCst);
        provost = provost.crash_and_restart().await?;
        let told = writing.await??;
        ensure!(told.refusals.is_empty(), "answers that were no success: {:?}", told.refusals);
        compare(&target(&provost)?, &told.runs).await?;
        all.extend(told);
    }
    compare(&target(&provost)?, &all.runs).await?;
    file::check(&provost.file())?;
    Ok(all.acknowledged())
}

fn target(provost: &Provost) -> Result<Target> {
    Api::new(format!("{}/api", provost.url()), None)?.target()
}
