//! Where the tests find things: the program, the venvs, the scripts, the recordings, the PostgreSQL cluster.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use bench::client::Client;
use bench::provost::Provost;
use bench::stored::Stored;

#[derive(Clone, Copy)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A running server with nobody in it yet.
pub async fn provost(database: Database, arguments: &[&str]) -> Result<Provost> {
    let database = match database {
        Database::Sqlite => None,
        Database::Postgres => {
            let cluster = variable("TEST_DATABASE_URL")
                .context("TEST_DATABASE_URL names no PostgreSQL: `cargo xtask test` starts one")?;
            Some(bench::database::Database::create(&cluster).await?)
        }
    };
    Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), database, arguments).await
}

pub fn client(version: &str) -> Result<Client> {
    let venvs = variable("PROVOST_TEST_VENVS").map_or_else(|| root().join("target/venv"), PathBuf::from);
    Client::new(&venvs, version)
}

pub fn script(name: &str) -> PathBuf {
    here().join("scripts").join(name).with_extension("py")
}

/// What the reference server has stored after the script of that name.
pub fn recording(version: &str, script: &str) -> Result<Stored> {
    let file = here().join("recordings").join(format!("{version}-{script}.json"));
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no recording", file.display()))
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn root() -> &'static Path {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    server.parent().unwrap_or(server)
}

#[expect(clippy::disallowed_methods, reason = "a test's surroundings are no settings of the server")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
