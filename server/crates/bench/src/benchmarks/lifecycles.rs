//! Flow runs per second over HTTP: the release build on SQLite, every acknowledgement synced, beside the reference server
//! in the same run. Must not know how a server is started.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use bench::client::Client;
use bench::lifecycle::{self, Outcome};
use bench::load::{Connection, Target};
use bench::measure::{median, percentile, processor_time, resident_kib};
use bench::provost::Provost;
use bench::reference::Reference;

use super::row_log::{self, Touched};

/// How many times the reference's figure this server is to reach.
const GOAL: f64 = 40.0;
const CONNECTIONS: usize = 32;
/// What the reference is tried with; its best counts.
const REFERENCE_CONNECTIONS: [usize; 3] = [1, 8, 32];
/// The client whose run is compared with the load.
const CLIENT: &str = "3.8.8";
/// The writes of a flow run's own life. A client's script makes others besides: events, logs, the flow.
const WRITES: [&str; 2] = ["CreateFlowRun", "ProposeFlowRunState"];

#[derive(Args)]
pub struct Lifecycles {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// How often all is measured; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Leave the reference server out
    #[arg(long)]
    alone: bool,
    /// Where the clients and the reference server are installed
    #[arg(long, value_name = "DIR", env = "PROVOST_TEST_VENVS", default_value = "target/venv")]
    venvs: PathBuf,
    /// The script that a real client runs
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
        let begun = Instant::now();
        let provost = Provost::start(&self.provost, None, &[]).await?;
        let answered = begun.elapsed();
        let target = target(&provost).await?;
        let idle = resident_kib(provost.pid()?)?;
        let flow = lifecycle::flow(&target).await?;
        // The first moments fill caches, as those of a server that runs for weeks are.
        lifecycle::many(&target, &flow, CONNECTIONS, Duration::from_secs(1)).await?;
        let outcome = self.measure("provost", &target, &flow, CONNECTIONS, provost.pid()?).await?;
        ensure!(outcome.given_up == 0, "{} lifecycles were not served", outcome.given_up);
        let busy = resident_kib(provost.pid()?)?;
        writeln!(
            std::io::stdout(),
            "  ready after {} ms, memory {:.1} MiB idle, {:.1} MiB after the load",
            answered.as_millis(),
            mebibytes(idle),
            mebibytes(busy)
        )?;
        Ok(outcome.per_second())
    }

    async fn measure_reference(&self) -> Result<f64> {
        let reference = Reference::start(&self.venvs, None).await?;
        let target = reference.api()?.target()?;
        let flow = lifecycle::flow(&target).await?;
        lifecycle::many(&target, &flow, 1, Duration::from_secs(1)).await?;
        let mut best: f64 = 0.0;
        for connections in REFERENCE_CONNECTIONS {
            let outcome = self.measure("reference", &target, &flow, connections, reference.pid()?).await?;
            best = best.max(outcome.per_second());
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
    ) -> Result<Outcome> {
        let span = Duration::from_secs(self.seconds);
        let before = (processor_time(server)?, processor_time(std::process::id())?);
        let mut outcome = lifecycle::many(target, flow, connections, span).await?;
        let spent = (processor_time(server)? - before.0, processor_time(std::process::id())? - before.1);
        let each =
            |spent: Duration| spent.as_secs_f64() * 1e6 / f64::from(u32::try_from(outcome.each.len()).unwrap_or(1));
        let (server, load) = (each(spent.0), each(spent.1));
        writeln!(
            std::io::stdout(),
            "  {name}, {connections} connections: {:.1} lifecycles/s, p50 {:.1} ms, p99 {:.1} ms; processor time of each: server {server:.0} µs, load {load:.0} µs; given up {}",
            outcome.per_second(),
            percentile(&mut outcome.each, 50).as_secs_f64() * 1e3,
            percentile(&mut outcome.each, 99).as_secs_f64() * 1e3,
            outcome.given_up,
        )?;
        Ok(outcome)
    }

    /// The load does to the database what a real client's run does.
    async fn compare_rows(&self) -> Result<()> {
        let provost = Provost::start(&self.provost, None, &row_log::ARGUMENTS).await?;
        provost.person("ada", &["main"]).await?;
        let key = provost.key("ada", "bench", "never").await?;
        let target = provost.workspace(&key, "main").await?.target()?;
        let flow = lifecycle::flow(&target).await?;
        let before = provost.log().len();
        ensure!(lifecycle::run(&mut Connection::open(&target).await?, &flow).await?, "not served");
        let load = of_runs(row_log::read(&provost.log(), before)?);
        let client = Client::new(&self.venvs, CLIENT)?;
        client.log_in(provost.url(), &key, "ada/main").await?;
        let before = provost.log().len();
        client.run(&self.script.canonicalize().context("there is no such script")?).await?;
        let real = of_runs(row_log::read(&provost.log(), before)?);
        for (name, Touched { times, rows }) in &load {
            writeln!(std::io::stdout(), "{name}: {times} writes of {rows} rows in a lifecycle of the load")?;
        }
        let rows: u64 = load.values().map(|touched| touched.rows).sum();
        ensure!(rows > 0, "the server's log tells of no rows");
        ensure!(load == real, "a run of client {CLIENT} touches other rows: {real:?}");
        writeln!(std::io::stdout(), "{rows} rows written per lifecycle, the same as in a run of client {CLIENT}")?;
        Ok(())
    }
}

async fn target(provost: &Provost) -> Result<Target> {
    provost.person("ada", &["main"]).await?;
    let key = provost.key("ada", "bench", "never").await?;
    provost.workspace(&key, "main").await?.target()
}

fn of_runs(mut writes: BTreeMap<String, Touched>) -> BTreeMap<String, Touched> {
    writes.retain(|name, _| WRITES.contains(&name.as_str()));
    writes
}

/// How busy the machine is besides.
fn load() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

fn mebibytes(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}
