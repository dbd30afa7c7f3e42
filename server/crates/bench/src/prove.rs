//! `prove`: checks with unmodified clients that Provost stores what the reference server stores; that is Prefect's own server, from PyPI.
//!
//! With `--record` it runs the clients' scripts on the reference server and writes what that stores to the recordings. Otherwise it runs
//! them on Provost, compares the snapshot with the recording, and lets the script `resources` check variables and artifacts; without
//! `--client` it then also runs `prove faults`. Normalizing snapshots is the snapshot module's job.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};

use bench::client::Client;
use bench::database::Database;
use bench::provost::Provost;
use bench::reference::Reference;
use bench::snapshot::{IGNORED_DIFFERENCES, Snapshot};

use crate::answers::Answers;
use crate::faults::Faults;
use crate::with_default_arguments;

const SCRIPTS: [&str; 2] = ["basic", "tasks"];
/// The folder of the script that calls the functions and commands of a client which store no runs, and checks what they return.
const RESOURCES: &str = "resources";
/// The client versions that have recordings.
const RECORDED_VERSIONS: [&str; 3] = ["2.0.4", "2.20.26", "3.8.8"];
/// The client that is compared by default. It has no recordings of its own.
const UNRECORDED_CLIENT: UnrecordedClient = UnrecordedClient { version: "3.9.1", compared_with: "3.8.8" };
const SETTLE_TIMEOUT: Duration = Duration::from_secs(60);

struct UnrecordedClient {
    version: &'static str,
    /// The recorded version whose recordings its results must equal.
    compared_with: &'static str,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Prove {
    #[command(subcommand)]
    subcommand: Option<ProveCommand>,
    /// Record what the reference server stores, instead of comparing Provost with the recordings
    #[arg(long)]
    record: bool,
    /// Run only this client; may be repeated
    #[arg(long, value_name = "VERSION")]
    client: Vec<String>,
    /// Where the clients and the reference server are installed
    #[arg(long, value_name = "DIR", env = "PROVOST_TEST_VENVS", default_value = "target/venv")]
    venvs: PathBuf,
    /// The folder with `scripts` and `recordings`
    #[arg(long, value_name = "DIR", default_value = "server/tests/clients")]
    tests: PathBuf,
    /// The program to compare with the reference
    #[arg(long, value_name = "FILE", env = "PROVOST_TEST_BIN", default_value = "target/debug/provost")]
    provost: PathBuf,
    /// URL of any database of the PostgreSQL cluster that the reference uses for the 2.0 client
    #[arg(long, value_name = "URL", env = "TEST_DATABASE_URL")]
    postgres: Option<String>,
}

#[derive(Subcommand)]
enum ProveCommand {
    /// Kill the server, trace its syncs and fill its disk while clients write
    Faults(Faults),
    /// Record the reference's answers to the cases of the crate `differential`
    Answers(Answers),
}

impl Prove {
    pub async fn run(self) -> Result<()> {
        match self.subcommand {
            Some(ProveCommand::Faults(faults)) => return faults.run().await,
            Some(ProveCommand::Answers(answers)) => return answers.run().await,
            None => {}
        }
        for (difference, reason) in IGNORED_DIFFERENCES {
            writeln!(std::io::stdout(), "ignored: {difference}: {reason}")?;
        }
        let default_versions: &[&str] = if self.record { &RECORDED_VERSIONS } else { &[UNRECORDED_CLIENT.version] };
        let chosen: Vec<_> = self.client.iter().map(String::as_str).collect();
        for version in if chosen.is_empty() { default_versions } else { &chosen } {
            for script in SCRIPTS {
                let start = Instant::now();
                if self.record {
                    self.record(version, script).await?;
                    print(version, script, "recorded", start)?;
                } else {
                    self.compare(version, script).await?;
                    print(version, script, "equal to the recording", start)?;
                }
            }
            if !self.record && Client::new(&self.venvs, version)?.has_resources() {
                let start = Instant::now();
                self.use_resources(version).await?;
                print(version, RESOURCES, "passed", start)?;
            }
        }
        if !self.record && chosen.is_empty() {
            return with_default_arguments::<Faults>().run().await;
        }
        Ok(())
    }

    async fn record(&self, version: &str, script: &str) -> Result<()> {
        let reference = Reference::start(&self.venvs, self.database_for(version).await?).await?;
        let mut client = Client::new(&self.venvs, version)?;
        client.set("PREFECT_API_URL", &reference.api_url());
        client.run(&self.script(script)?).await?;
        let stored = Snapshot::read_settled(&reference.api()?, SETTLE_TIMEOUT).await?;
        let file = self.recording(version, script);
        std::fs::write(&file, stored.text()?).with_context(|| format!("cannot write {}", file.display()))
    }

    async fn compare(&self, version: &str, script: &str) -> Result<()> {
        let UnrecordedClient { version: unrecorded, compared_with } = UNRECORDED_CLIENT;
        let file = self.recording(if version == unrecorded { compared_with } else { version }, script);
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let expected = serde_json::from_str(&text).with_context(|| format!("{} is not a recording", file.display()))?;

        let (provost, key) = self.start().await?;
        let client = Client::new(&self.venvs, version)?;
        client.log_in(provost.url(), &key, "ada/main").await?;
        client.run(&self.script(script)?).await?;
        Snapshot::wait_until_equal(&provost.workspace(&key, "main").await?, &expected, SETTLE_TIMEOUT).await
    }

    async fn use_resources(&self, version: &str) -> Result<()> {
        let (provost, key) = self.start().await?;
        let mut client = Client::new(&self.venvs, version)?;
        client.use_workspace(provost.url(), provost.workspace(&key, "main").await?.base(), &key);
        client.run(&self.script(&format!("{RESOURCES}/__main__"))?).await?;
        Ok(())
    }

    /// Provost with an empty workspace, and a key for it.
    async fn start(&self) -> Result<(Provost, String)> {
        let provost = Provost::start(&self.provost, None, &[]).await?;
        provost.create_user("ada", &["main"]).await?;
        let key = provost.create_key("ada", "prove", "never").await?;
        Ok((provost, key))
    }

    /// On SQLite the reference returns 503 for mapped tasks of a 2.0 client, and that client fails on it.
    async fn database_for(&self, version: &str) -> Result<Option<Database>> {
        if !version.starts_with("2.0.") {
            return Ok(None);
        }
        let cluster =
            self.postgres.as_deref().context("recording a 2.0 client needs --postgres or TEST_DATABASE_URL")?;
        Ok(Some(Database::create(cluster).await?))
    }

    fn script(&self, name: &str) -> Result<PathBuf> {
        let path = self.tests.join("scripts").join(name).with_extension("py");
        path.canonicalize().with_context(|| format!("the script {} does not exist", path.display()))
    }

    fn recording(&self, version: &str, script: &str) -> PathBuf {
        self.tests.join("recordings").join(format!("{version}-{script}.json"))
    }
}

fn print(version: &str, script: &str, result: &str, start: Instant) -> Result<()> {
    writeln!(std::io::stdout(), "{version} {script}: {result}, {:.1} s", start.elapsed().as_secs_f32())?;
    Ok(())
}
