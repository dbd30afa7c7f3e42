//! The reference server from its own venv, on SQLite or PostgreSQL. Must not know who calls it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::process::Command;

use crate::api::Api;
use crate::database::Database;
use crate::process::{Running, free_port};

/// It migrates an empty database first: a quarter of a minute on an idle machine.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub struct Reference {
    running: Running,
    _home: TempDir,
    _database: Option<Database>,
}

impl Reference {
    /// Starts it on `database`, or on a SQLite file of its own.
    pub async fn start(venvs: &Path, database: Option<Database>) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("reference-").tempdir().context("cannot make its home")?;
        let port = free_port()?;
        // The application itself, not `prefect server start`, whose server would outlive a killed parent.
        let mut command = Command::new(venvs.join("reference/bin/python"));
        command
            .args(["-m", "uvicorn", "--factory", "prefect.server.api.server:create_app", "--host", "127.0.0.1"])
            .args(["--port", &port.to_string()])
            .env("PREFECT_HOME", home.path())
            .env("PREFECT_UI_ENABLED", "false")
            .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false");
        if let Some(database) = &database {
            command.env("PREFECT_API_DATABASE_CONNECTION_URL", database.url_for_asyncpg()?);
        }
        let log = home.path().join("server.log");
        let running = Running::start(&mut command, port, "/api/health", &log, PATIENCE).await?;
        Ok(Self { running, _home: home, _database: database })
    }

    /// Where clients are pointed at.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.running.url())
    }

    /// The number of its process.
    pub fn pid(&self) -> Result<u32> {
        self.running.pid().context("the reference server has ended")
    }

    pub fn api(&self) -> Result<Api> {
        Api::new(self.api_url(), None)
    }
}
