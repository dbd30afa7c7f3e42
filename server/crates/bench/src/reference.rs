//! The reference server in its own venv, on SQLite or PostgreSQL. Must not know its callers.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tokio::process::Command;

use crate::api::Api;
use crate::database::Database;
use crate::process::{ServerProcess, free_port};

/// The server first migrates an empty database, which takes 15 s on an idle machine.
const TIMEOUT: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub struct Reference {
    server: ServerProcess,
    _home: TempDir,
    _database: Option<Database>,
}

impl Reference {
    /// Starts the server on `database`, or on a new SQLite file.
    pub async fn start(venvs: &Path, database: Option<Database>) -> Result<Self> {
        Self::start_with(venvs, database, &[]).await
    }

    /// Starts the server without its background services, whose writes make it answer 503 to some requests on SQLite.
    pub async fn start_without_services(venvs: &Path, database: Option<Database>) -> Result<Self> {
        Self::start_with(venvs, database, &[("PREFECT__SERVER_WEBSERVER_ONLY", "1")]).await
    }

    async fn start_with(venvs: &Path, database: Option<Database>, settings: &[(&str, &str)]) -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("reference-")
            .tempdir()
            .context("cannot create a home folder for the reference server")?;
        let port = free_port()?;
        // Runs the ASGI application directly: the server of `prefect server start` keeps running when its parent is killed.
        let mut command = Command::new(venvs.join("reference/bin/python"));
        command
            .args(["-m", "uvicorn", "--factory", "prefect.server.api.server:create_app", "--host", "127.0.0.1"])
            .args(["--port", &port.to_string()])
            .env("PREFECT_HOME", home.path())
            .env("PREFECT_UI_ENABLED", "false")
            .env("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
            .envs(settings.iter().copied());
        if let Some(database) = &database {
            command.env("PREFECT_API_DATABASE_CONNECTION_URL", database.url_for_asyncpg()?);
        }
        let log = home.path().join("server.log");
        let server = ServerProcess::start(&mut command, port, "/api/health", &log, TIMEOUT).await?;
        Ok(Self { server, _home: home, _database: database })
    }

    /// The value of `PREFECT_API_URL` for clients.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.server.url())
    }

    /// The server's process id.
    pub fn pid(&self) -> Result<u32> {
        self.server.pid().context("the reference server has ended")
    }

    pub fn api(&self) -> Result<Api> {
        Api::new(self.api_url(), None)
    }
}
