//! The cost of compression: a list of flow runs, which clients read one after the other, as it is and compressed.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::Args;

use bench::api::Api;
use bench::lifecycle;
use bench::load::Connection;
use bench::measure::{percentile, processor_time};
use bench::provost::Provost;

/// As many as a page of a list has at most.
const RUNS: usize = 200;
const LIST: &str = "/flow_runs/filter";

#[derive(Args)]
pub struct Answers {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Number of rounds
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program to measure
    #[arg(long, value_name = "FILE", env = "PROVOST_TEST_BIN", default_value = "target/release/provost")]
    provost: PathBuf,
}

impl Answers {
    pub async fn run(self) -> Result<()> {
        let provost = Provost::start(&self.provost, None, &[]).await?;
        provost.create_user("ada", &["main"]).await?;
        let key = provost.create_key("ada", "bench", "never").await?;
        let api = provost.workspace(&key, "main").await?;
        let target = api.target()?;
        let flow = lifecycle::create_flow(&target).await?;
        let mut connection = Connection::open(&target).await?;
        for _ in 0..RUNS {
            ensure!(lifecycle::complete_run(&mut connection, &flow).await?, "the server did not complete a run");
        }
        for round in 1..=self.rounds {
            writeln!(std::io::stdout(), "round {round} of {}, lists of {RUNS} flow runs", self.rounds)?;
            for (limit, encoding) in [(RUNS, "identity"), (RUNS, "gzip"), (1, "identity"), (1, "gzip")] {
                self.measure(&api, provost.pid()?, limit, encoding).await?;
            }
        }
        Ok(())
    }

    async fn measure(&self, api: &Api, server: u32, limit: usize, encoding: &str) -> Result<()> {
        let body = format!(r#"{{"limit": {limit}, "sort": "EXPECTED_START_TIME_DESC"}}"#);
        let bytes = api.answer_bytes(LIST, encoding, &body).await?;
        let (begin, before, mut times) = (Instant::now(), processor_time(server)?, Vec::new());
        while begin.elapsed() < Duration::from_secs(self.seconds) {
            let start = Instant::now();
            api.answer_bytes(LIST, encoding, &body).await?;
            times.push(start.elapsed());
        }
        let spent = processor_time(server)? - before;
        let each = spent.as_secs_f64() * 1e6 / f64::from(u32::try_from(times.len()).unwrap_or(1));
        writeln!(
            std::io::stdout(),
            "  {limit} runs, {encoding}: {bytes} bytes, p50 {:.2} ms, processor time of the server {each:.0} µs",
            percentile(&mut times, 50).as_secs_f64() * 1e3,
        )?;
        Ok(())
    }
}
