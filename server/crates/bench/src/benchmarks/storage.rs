//! State changes without HTTP: the product's use case with several numbers of callers, compared with a bare driver that runs the
//! same statements. Must not know the statements.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use control::{Cx, access::Workspace, clock::Clock, flow, flow_run, ids::Ids, local, settings::Settings};
use engine::api_version::Client;
use identity::{Cost, Hasher, SignInLimits, SignInThrottle};
use model::{
    id::{FlowId, FlowRunId},
    orchestration::{SetState, SetStateStatus},
    permission::WriteRuns,
};
use serde_json::json;
use store::db::{Db, Limits, Location};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinSet;

use bench::database::Database;
use bench::measure::{percentile, processor_time};

use super::bare;

const CALLERS: [usize; 4] = [1, 8, 32, 128];
/// The number of callers for which syncs are counted.
const SYNCS_AT: usize = 32;
/// Number of runs that the callers change in turn: enough that their rows fill many database pages.
const RUNS: usize = 10_000;
/// No rule rejects a transition from one of these to the next.
const STEPS: [&str; 3] = ["RUNNING", "SCHEDULED", "PENDING"];
const RATIO_GOAL: f64 = 0.6;
const SYNCS_GOAL: f64 = 0.2;

#[derive(Args)]
pub struct Storage {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds in which product and bare driver alternate; the round with the median ratio counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// URL of any database of a PostgreSQL cluster with durable commits; without it PostgreSQL is not measured
    #[arg(long, value_name = "URL", env = "TEST_DATABASE_URL")]
    postgres: Option<String>,
    /// Only run the writes whose syncs strace counts
    #[arg(long, hide = true)]
    traced: bool,
}

/// Duration of each operation and of all together, and the processor time of this process.
pub struct Measurement {
    pub each: Vec<Duration>,
    pub took: Duration,
    pub processor: Duration,
}

impl Measurement {
    fn per_second(&self) -> f64 {
        count(self.each.len()) / self.took.as_secs_f64()
    }

    fn line(&mut self) -> String {
        format!(
            "{:>6.0}/s p50 {:>6.2} p99 {:>6.2} ms, processor {:>4.0} µs",
            self.per_second(),
            percentile(&mut self.each, 50).as_secs_f64() * 1e3,
            percentile(&mut self.each, 99).as_secs_f64() * 1e3,
            self.processor.as_secs_f64() * 1e6 / count(self.each.len())
        )
    }
}

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// Measures the duration of `all` and the processor time that this process uses for it.
pub async fn timed(all: impl Future<Output = Result<Vec<Duration>>>) -> Result<Measurement> {
    let (start, before) = (Instant::now(), processor_time(std::process::id())?);
    let each = all.await?;
    Ok(Measurement { each, took: start.elapsed(), processor: processor_time(std::process::id())? - before })
}

impl Storage {
    pub async fn run(self) -> Result<()> {
        let folder = tempfile::Builder::new().prefix("storage-").tempdir()?;
        if self.traced {
            let workload = Workload::seed(file(&folder, "traced")).await?;
            let measurement = workload.measure(SYNCS_AT, self.span()).await?;
            writeln!(std::io::stdout(), "{}", RUNS + measurement.each.len())?;
            return Ok(());
        }
        let mut missed = Vec::new();
        writeln!(std::io::stdout(), "SQLite, every commit synced")?;
        missed.extend(self.compare(file(&folder, "product"), file(&folder, "bare")).await?);
        missed.extend(self.count_syncs(folder.path()).await?);
        if let Some(cluster) = &self.postgres {
            let (product, bare) = (Database::create(cluster).await?, Database::create(cluster).await?);
            writeln!(std::io::stdout(), "PostgreSQL, durability as configured")?;
            missed.extend(self.compare(Location::Postgres(product.url()?), Location::Postgres(bare.url()?)).await?);
        }
        if !missed.is_empty() {
            bail!("missed goals:\n{}", missed.join("\n"));
        }
        Ok(())
    }

    fn span(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Returns a line for each missed goal.
    async fn compare(&self, product: Location, bare: Location) -> Result<Vec<String>> {
        let (product, bare) = (Workload::seed(product).await?, Workload::seed(bare).await?);
        let mut missed = Vec::new();
        for callers in CALLERS {
            let mut turns = Vec::with_capacity(self.rounds);
            for _ in 0..self.rounds.max(1) {
                let ours = product.measure(callers, self.span()).await?;
                let theirs = bare::measure(&bare, callers, self.span()).await?;
                turns.push((ours.per_second() / theirs.per_second(), ours, theirs));
            }
            turns.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (ratio, mut ours, mut theirs) = turns.swap_remove(turns.len() / 2);
            writeln!(std::io::stdout(), "  {callers:>3} callers: product {}", ours.line())?;
            writeln!(std::io::stdout(), "               bare    {}", theirs.line())?;
            let figure = format!("ratio {ratio:.2}, goal {RATIO_GOAL}");
            writeln!(std::io::stdout(), "               {figure}")?;
            if ratio < RATIO_GOAL {
                missed.push(format!("  {callers:>3} callers on {}: {figure}", name(&product.location)));
            }
        }
        Ok(missed)
    }

    /// Runs this program again under strace, which counts its syncs. Returns a line if the goal was missed.
    async fn count_syncs(&self, folder: &Path) -> Result<Option<String>> {
        let counts = folder.join("syncs");
        let mut command = Command::new("strace");
        command.args(["-f", "--seccomp-bpf", "-c", "-e", "trace=fsync,fdatasync", "-o"]).arg(&counts);
        command.arg(std::env::current_exe()?).args(["bench", "storage", "--traced", "--seconds"]);
        command.arg(self.seconds.to_string()).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().await.context("cannot start strace")?;
        ensure!(output.status.success(), "the traced run ended with {}", output.status);
        let writes: usize =
            String::from_utf8(output.stdout)?.trim().parse().context("the traced run printed no number")?;
        let syncs = syncs(&std::fs::read_to_string(&counts)?)?;
        let share = count(syncs) / count(writes);
        let figure =
            format!("  {SYNCS_AT:>3} callers: {syncs} syncs for {writes} writes, {share:.3} each, goal {SYNCS_GOAL}");
        writeln!(std::io::stdout(), "{figure}")?;
        Ok((share > SYNCS_GOAL).then_some(figure))
    }
}

fn name(location: &Location) -> &'static str {
    match location {
        Location::File(_) => "SQLite",
        Location::Postgres(_) => "PostgreSQL",
    }
}

fn file(folder: &TempDir, name: &str) -> Location {
    Location::File(folder.path().join(name).with_extension("db"))
}

/// The number of syncs in a summary table of strace: `% time, seconds, usecs/call, calls, errors?, syscall`.
fn syncs(table: &str) -> Result<usize> {
    let lines = table.lines().filter(|line| line.ends_with("sync"));
    let calls = lines.map(|line| line.split_whitespace().nth(3).and_then(|calls| calls.parse::<usize>().ok()));
    calls.sum::<Option<usize>>().with_context(|| format!("not a summary table of strace: {table}"))
}

/// A database with runs, and what is needed to change their state.
pub struct Workload {
    pub location: Location,
    pub cx: Cx,
    pub workspace: Workspace<WriteRuns>,
    pub flow: FlowId,
    pub runs: Arc<[FlowRunId]>,
}

impl Workload {
    async fn seed(location: Location) -> Result<Self> {
        let cx = open(&location).await?;
        local::ensure(&cx).await?;
        let workspace = control::access::authorize_local::<WriteRuns>(&cx).await?;
        let flow = flow::create(&cx, workspace, serde_json::from_value(json!({"name": "Testing"}))?).await?.value.id;
        let mut tasks = JoinSet::new();
        for _ in 0..SYNCS_AT {
            let cx = cx.clone();
            tasks.spawn(async move {
                let mut ids = Vec::new();
                for _ in 0..RUNS.div_ceil(SYNCS_AT) {
                    let create = serde_json::from_value(json!({"flow_id": flow, "state": {"type": "PENDING"}}))?;
                    ids.push(flow_run::create(&cx, workspace, create, Client::default()).await?.value.id);
                }
                anyhow::Ok(ids)
            });
        }
        let runs = tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat();
        Ok(Self { location, cx, workspace, flow, runs: runs.into() })
    }

    async fn measure(&self, callers: usize, span: Duration) -> Result<Measurement> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for caller in 0..callers {
            let (cx, workspace, runs) = (self.cx.clone(), self.workspace, Arc::clone(&self.runs));
            tasks.spawn(async move {
                let mut each = Vec::new();
                // Each run goes through all steps, so that it is pending again for the next measurement.
                for run in runs.iter().skip(caller).step_by(callers).cycle() {
                    for step in STEPS {
                        let step_start = Instant::now();
                        set_state(&cx, workspace, *run, step).await?;
                        each.push(step_start.elapsed());
                    }
                    if start.elapsed() >= span {
                        break;
                    }
                }
                anyhow::Ok(each)
            });
        }
        timed(async { Ok(tasks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat()) }).await
    }
}

async fn set_state(cx: &Cx, workspace: Workspace<WriteRuns>, run: FlowRunId, step: &str) -> Result<()> {
    let request: SetState = serde_json::from_value(json!({"state": {"type": step}}))?;
    let response = flow_run::set_state(cx, workspace, run, request, Client::default()).await?;
    ensure!(response.status == SetStateStatus::Accept, "{step} was not accepted: {response:?}");
    Ok(())
}

async fn open(location: &Location) -> Result<Cx> {
    let (clock, db) = (Clock::system(), Db::open(location, Limits::default()).await?);
    store::migrate::migrate(&db, clock.now()).await?;
    // Cheap password hashing, because this benchmark does not sign in.
    let cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
    Ok(Cx {
        db,
        clock,
        ids: Ids::random(),
        settings: Arc::new(Settings { local: true, ..Settings::default() }),
        hasher: Arc::new(Hasher::new(cost)?),
        throttle: Arc::new(SignInThrottle::new(SignInLimits::default())),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn syncs_of_a_strace_table_are_summed() {
        let table = "% time seconds usecs/call calls errors syscall\n------\n 99.0 1.0 40 250 fdatasync\n 1.0 0.1 20 3 fsync\n100.0 1.1 40 253 total\n";
        assert_eq!(super::syncs(table).unwrap(), 253);
    }
}
