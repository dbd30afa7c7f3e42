//! `prove faults`: kills the release build, traces it and fills its disk, with more writes than the tests. Must not know how a
//! fault is caused.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use bench::fault::{crash, full, trace};
use bench::provost::Provost;

#[derive(Args)]
pub struct Faults {
    /// How many times the server is killed
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// Runs of each writer under strace
    #[arg(long, default_value_t = 100)]
    traced_runs: usize,
    /// The server to test
    #[arg(long, value_name = "FILE", env = "PROVOST_TEST_BIN", default_value = "target/release/provost")]
    provost: PathBuf,
}

impl Faults {
    pub async fn run(self) -> Result<()> {
        let report = trace::run(|options| Ok(options.command_line(&self.provost)), self.traced_runs).await?;
        writeln!(
            std::io::stdout(),
            "syncs: {} of {} acknowledgements were sent before their sync",
            report.early,
            report.acknowledged
        )?;
        ensure!(report.early == 0, "the server acknowledged writes before their sync");
        let provost = Provost::start(&self.provost, None, &["--local", "--log-level", "warn"]).await?;
        let acknowledged = crash::kill(provost, self.kills).await?;
        writeln!(std::io::stdout(), "kills: {acknowledged} acknowledged writes over {} kills, all stored", self.kills)?;
        let full::FullDiskReport { acknowledged, refused } = full::fill(&self.provost).await?;
        writeln!(
            std::io::stdout(),
            "full disk: {acknowledged} writes acknowledged and stored, {refused} refused and not stored"
        )?;
        Ok(())
    }
}
