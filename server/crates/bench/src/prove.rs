//! `prove`: the clients' scripts on the reference server, written down (`--record`), or on Provost, compared with what
//! was written down. Must not know how a reading is made comparable.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};

use bench::client::Client;
use bench::database::Database;
use bench::provost::Provost;
use bench::reference::Reference;
use bench::stored::{SET_ASIDE, Stored};

use crate::by_default;
use crate::faults::Faults;

const SCRIPTS: [&str; 2] = ["basic", "tasks"];
const RECORDED: [&str; 3] = ["2.0.4", "2.20.26", "3.8.8"];
/// Newer than what is recorded; it must do as the newest recorded one does.
const NEWER: (&str, &str) = ("3.9.1", "3.8.8");
const SETTLES: Duration = Duration::from_secs(60);

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Prove {
    #[command(subcommand)]
    other: Option<Other>,
    /// Write down what the reference server stores, instead of comparing Provost with it
    #[arg(long)]
    record: bool,
    /// Take this client alone; may be given again
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
    /// Any database of the PostgreSQL cluster that the reference may use for the 2.0 client
    #[arg(long, value_name = "URL", env = "TEST_DATABASE_URL")]
    postgres: Option<String>,
}

#[derive(Subcommand)]
enum Other {
    /// Kill the server, trace its syncs and fill its disk while many write
    Faults(Faults),
}

impl Prove {
    pub async fn run(self) -> Result<()> {
        if let Some(Other::Faults(faults)) = self.other {
            return faults.run().await;
        }
        for (what, why) in SET_ASIDE {
            writeln!(std::io::stdout(), "set aside: {what}: {why}")?;
        }
        let standard: &[&str] = if self.record { &RECORDED } else { &[NEWER.0] };
        let chosen: Vec<_> = self.client.iter().map(String::as_str).collect();
        for version in if chosen.is_empty() { standard } else { &chosen } {
            for script in SCRIPTS {
                let start = Instant::now();
                let done = if self.record {
                    self.record(version, script).await?;
                    "recorded"
                } else {
                    self.compare(version, script).await?;
                    "as recorded"
                };
                writeln!(std::io::stdout(), "{version} {script}: {done}, {:.1} s", start.elapsed().as_secs_f32())?;
            }
        }
        if !self.record && chosen.is_empty() {
            return by_default::<Faults>().run().await;
        }
        Ok(())
    }

    async fn record(&self, version: &str, script: &str) -> Result<()> {
        let reference = Reference::start(&self.venvs, self.database_for(version).await?).await?;
        let mut client = Client::new(&self.venvs, version)?;
        client.set("PREFECT_API_URL", &reference.api_url());
        client.run(&self.script(script)?).await?;
        let stored = Stored::read_settled(&reference.api()?, SETTLES).await?;
        let file = self.recording(version, script);
        std::fs::write(&file, stored.text()?).with_context(|| format!("cannot write {}", file.display()))
    }

    async fn compare(&self, version: &str, script: &str) -> Result<()> {
        let recorded = if version == NEWER.0 { NEWER.1 } else { version };
        let file = self.recording(recorded, script);
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let expected = serde_json::from_str(&text).with_context(|| format!("{} is no recording", file.display()))?;

        let provost = Provost::start(&self.provost, None, &[]).await?;
        provost.person("ada", &["main"]).await?;
        let key = provost.key("ada", "prove", "never").await?;
        let client = Client::new(&self.venvs, version)?;
        client.log_in(provost.url(), &key, "ada/main").await?;
        client.run(&self.script(script)?).await?;
        Stored::expect(&provost.workspace(&key, "main").await?, &expected, SETTLES).await
    }

    /// On SQLite the reference answers the mapped tasks of a 2.0 client with 503, which that client does not survive.
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
        path.canonicalize().with_context(|| format!("there is no script {}", path.display()))
    }

    fn recording(&self, version: &str, script: &str) -> PathBuf {
        self.tests.join("recordings").join(format!("{version}-{script}.json"))
    }
}
