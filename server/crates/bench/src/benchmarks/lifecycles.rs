//! Flow runs per second over HTTP: the release build on SQLite, every acknowledged write synced, compared with the reference
//! server in the same benchmark run. Must not know how a server is started.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use bench::client::Client;
use bench::lifecycle::{self, LoadReport};
use bench::load::{Connection, Target};
use bench::measure::{median, percentile, processor_time, resident_kib};
use bench::provost::Provost;
use bench::reference::Reference;

use super::row_log::{self, WriteStats};

/// Required ratio of this server's throughput to the reference's.
const GOAL: f64 = 40.0;
const CONNECTIONS: usize = 32;
/// Numbers of connections to the reference; the best result counts.
const REFERENCE_CONNECTIONS: [usize; 3] = [1, 8, 32];
/// The client version whose database writes are compared with those of the load.
const CLIENT: &str = "3.8.8";
/// The writes of a flow run's lifecycle. A client's script makes other writes too: events, logs, the flow.
const WRITES: [&str; 2] = ["CreateFlowRun", "ProposeFlowRunState"];

#[derive(Args)]
pub struct Lifecycles {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Number of rounds; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Do not measure the reference server
    #[arg(long)]
    alone: bool,
    /// Where the clients and the reference server are installed
    #[arg(long, value_name = "DIR", env = "PROVOST_TEST_VENVS", default_value = "target/venv")]
    venvs: PathBuf,
    /// The script for the real client
    #[arg(long, value_name = "FILE", default_value = "server/tests/clients/scripts/basic.py")]
    script: PathBuf,
    /// The program to measure
    #[arg(long, value_name = "FILE", env = "PROVOST_TEST_BIN", default_value = "target/release/provost")]
    provost: PathBuf,
}

impl Lifecycles {
    pub async fn run(self) -> Result<()> {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 1..=self.rounds {
            writeln!(std::io::stdout(), "round {round} of {}, load {}", self.rounds, load()?)?;
            ours.push(self.measure_provost().await?);
            if !self.alone {
                theirs.push(self.measure_reference().await?);
            }
        }
        let ours = median(ours);
        writeln!(std::io::stdout(), "provost: {ours:.0} lifecycles/s (median)")?;
        let ratio = (!self.alone).then(|| median(theirs)).map(|theirs| (theirs, ours / theirs));
        if let Some((theirs, ratio)) = ratio {
            writeln!(std::io::stdout(), "reference: {theirs:.1} lifecycles/s (median of its best)")?;
            writeln!(std::io::stdout(), "ratio {ratio:.0}, goal {GOAL}")?;
        }
        self.compare_rows().await?;
        if let Some((_, ratio)) = ratio {
            ensure!(ratio >= GOAL, "missed the goal: ratio {ratio:.1} instead of {GOAL}");
        }
        Ok(())
    }

    async fn measure_provost(&self) -> Result<f64> {
        let start = Instant::now();
        let provost = Provost::start(&self.provost, None, &[]).await?;
        let ready_after = start.elapsed();
        let target = target(&provost).await?;
        let idle = resident_kib(provost.pid()?)?;
        let flow = lifecycle::create_flow(&target).await?;
        // Warms up caches, since a server in production runs for weeks.
        lifecycle::run_load(&target, &flow, CONNECTIONS, Duration::from_secs(1)).await?;
        let report = self.measure("provost", &target, &flow, CONNECTIONS, provost.pid()?).await?;
        ensure!(report.given_up == 0, "the server did not complete {} lifecycles", report.given_up);
        let busy = resident_kib(provost.pid()?)?;
        writeln!(
            std::io::stdout(),
            "  ready after {} ms, memory {:.1} MiB idle, {:.1} MiB after the load",
            ready_after.as_millis(),
            mebibytes(idle),
            mebibytes(busy)
        )?;
        Ok(report.per_second())
    }

    async fn measure_reference(&self) -> Result<f64> {
        let reference = Reference::start(&self.venvs, None).await?;
        let target = reference.api()?.target()?;
        let flow = lifecycle::create_flow(&target).await?;
        lifecycle::run_load(&target, &flow, 1, Duration::from_secs(1)).await?;
        let mut best: f64 = 0.0;
        for connections in REFERENCE_CONNECTIONS {
            let report = self.measure("reference", &target, &flow, connections, reference.pid()?).await?;
            best = best.max(report.per_second());
        }
        ensure!(best > 0.0, "the reference server completed nothing");
        Ok(best)
    }

    async fn measure(
        &self,
        name: &str,
        target: &Target,
        flow: &str,
        connections: usize,
        server: u32,
    ) -> Result<LoadReport> {
        let span = Duration::from_secs(self.seconds);
        let before = (processor_time(server)?, processor_time(std::process::id())?);
        let mut report = lifecycle::run_load(target, flow, connections, span).await?;
        let spent = (processor_time(server)? - before.0, processor_time(std::process::id())? - before.1);
        let each =
            |spent: Duration| spent.as_secs_f64() * 1e6 / f64::from(u32::try_from(report.each.len()).unwrap_or(1));
        let (server, load) = (each(spent.0), each(spent.1));
        writeln!(
            std::io::stdout(),
            "  {name}, {connections} connections: {:.1} lifecycles/s, p50 {:.1} ms, p99 {:.1} ms; processor time of each: server {server:.0} µs, load {load:.0} µs; given up {}",
            report.per_second(),
            percentile(&mut report.each, 50).as_secs_f64() * 1e3,
            percentile(&mut report.each, 99).as_secs_f64() * 1e3,
            report.given_up,
        )?;
        Ok(report)
    }

    /// Checks that a lifecycle of the load writes the same database rows as a real client's run.
    async fn compare_rows(&self) -> Result<()> {
        let provost = Provost::start(&self.provost, None, &row_log::ARGUMENTS).await?;
        provost.create_user("ada", &["main"]).await?;
        let key = provost.create_key("ada", "bench", "never").await?;
        let target = provost.workspace(&key, "main").await?.target()?;
        let flow = lifecycle::create_flow(&target).await?;
        let before = provost.log().len();
        ensure!(
            lifecycle::complete_run(&mut Connection::open(&target).await?, &flow).await?,
            "the server did not complete the lifecycle"
        );
        let load = only_run_writes(row_log::read(&provost.log(), before)?);
        let client = Client::new(&self.venvs, CLIENT)?;
        client.log_in(provost.url(), &key, "ada/main").await?;
        let before = provost.log().len();
        client.run(&self.script.canonicalize().context("the script does not exist")?).await?;
        let real = only_run_writes(row_log::read(&provost.log(), before)?);
        for (name, WriteStats { times, rows }) in &load {
            writeln!(std::io::stdout(), "{name}: {times} writes of {rows} rows in a lifecycle of the load")?;
        }
        let rows: u64 = load.values().map(|stats| stats.rows).sum();
        ensure!(rows > 0, "the server's log contains no row counts");
        ensure!(load == real, "a run of client {CLIENT} writes other rows: {real:?}");
        writeln!(std::io::stdout(), "{rows} rows written per lifecycle, the same as in a run of client {CLIENT}")?;
        Ok(())
    }
}

async fn target(provost: &Provost) -> Result<Target> {
    provost.create_user("ada", &["main"]).await?;
    let key = provost.create_key("ada", "bench", "never").await?;
    provost.workspace(&key, "main").await?.target()
}

fn only_run_writes(mut writes: BTreeMap<String, WriteStats>) -> BTreeMap<String, WriteStats> {
    writes.retain(|name, _| WRITES.contains(&name.as_str()));
    writes
}

/// The load average of the machine over the last minute.
fn load() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

fn mebibytes(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}
