//! State changes without HTTP: the product's use case with several numbers of callers, compared with a bare driver that runs the
//! same statements. Must not know the statements.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use store::db::Location;
use tempfile::TempDir;
use tokio::process::Command;

use bench::database::Database;

use super::bare;
use super::workload::{RUNS, Workload, count};

const CALLERS: [usize; 4] = [1, 8, 32, 128];
/// The number of callers for which syncs are counted.
const SYNCS_AT: usize = 32;
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

#[cfg(test)]
mod tests {
    #[test]
    fn syncs_of_a_strace_table_are_summed() {
        let table = "% time seconds usecs/call calls errors syscall\n------\n 99.0 1.0 40 250 fdatasync\n 1.0 0.1 20 3 fsync\n100.0 1.1 40 253 total\n";
        assert_eq!(super::syncs(table).unwrap(), 253);
    }
}
