//! Locates the program, the venvs, the scripts, the recordings and the PostgreSQL cluster of the tests.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use bench::client::Client;
use bench::provost::Provost;
use bench::snapshot::Snapshot;

#[derive(Clone, Copy)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A running server with an empty database.
pub async fn provost(database: Database, arguments: &[&str]) -> Result<Provost> {
    let database = match database {
        Database::Sqlite => None,
        Database::Postgres => {
            let cluster = env_variable("TEST_DATABASE_URL")
                .context("TEST_DATABASE_URL names no PostgreSQL: `cargo xtask test` starts one")?;
            Some(bench::database::Database::create(&cluster).await?)
        }
    };
    Provost::start(Path::new(env!("CARGO_BIN_EXE_provost")), database, arguments).await
}

pub fn client(version: &str) -> Result<Client> {
    let venvs = env_variable("PROVOST_TEST_VENVS").map_or_else(|| repository().join("target/venv"), PathBuf::from);
    Client::new(&venvs, version)
}

pub fn script(name: &str) -> PathBuf {
    test_folder().join("scripts").join(name).with_extension("py")
}

/// The rows that the reference server has stored after this script.
pub fn recording(version: &str, script: &str) -> Result<Snapshot> {
    let file = test_folder().join("recordings").join(format!("{version}-{script}.json"));
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a recording", file.display()))
}

fn test_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

fn repository() -> &'static Path {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    server.parent().unwrap_or(server)
}

#[expect(clippy::disallowed_methods, reason = "variables of the tests are not settings of the server")]
fn env_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
