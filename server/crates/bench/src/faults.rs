//! `prove faults`: the release build killed, traced and without room, with more writes than the tests have. Must not know
//! how a fault is made.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use bench::fault::{crash, full, trace};
use bench::provost::Provost;

#[derive(Args)]
pub struct Faults {
    /// How often the server is killed
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// Runs of each writer under strace
    #[arg(long, default_value_t = 100)]
    traced_runs: usize,
    /// The program to try
    #[arg(long, value_name = "FILE", env = "PROVOST_TEST_BIN", default_value = "target/release/provost")]
    provost: PathBuf,
}

impl Faults {
    pub async fn run(self) -> Result<()> {
        let shown = trace::run(|place| Ok(place.serve(&self.provost)), self.traced_runs).await?;
        writeln!(
            std::io::stdout(),
            "syncs: {} of {} acknowledgements left before their sync",
            shown.early,
            shown.acknowledged
        )?;
        ensure!(shown.early == 0, "acknowledged means durable");
        let provost = Provost::start(&self.provost, None, &["--local", "--log-level", "warn"]).await?;
        let kept = crash::kill(provost, self.kills).await?;
        writeln!(std::io::stdout(), "kills: {kept} acknowledged writes over {} kills, all there", self.kills)?;
        let full::Outcome { acknowledged, refused } = full::fill(&self.provost).await?;
        writeln!(
            std::io::stdout(),
            "full disk: {acknowledged} writes acknowledged and stored, {refused} refused and not stored"
        )?;
        Ok(())
    }
}
