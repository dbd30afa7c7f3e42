//! Provost as users run it: the binary with a data folder; users, workspaces and keys are created with `provost admin`. Must not
//! know the server's internals.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::Command;

use crate::api::Api;
use crate::browser::Browser;
use crate::database::Database;
use crate::process::{ServerProcess, free_port, run_command};

const TIMEOUT: Duration = Duration::from_secs(60);
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
const PASSWORD: &str = "seventeen quiet herons";

#[derive(Debug)]
pub struct Provost {
    server: ServerProcess,
    binary: PathBuf,
    data: TempDir,
    database: Option<Database>,
    arguments: Vec<String>,
}

/// A second server on the database of a [`Provost`]; dropping it ends the server.
#[derive(Debug)]
pub struct Replica {
    server: ServerProcess,
    _data: TempDir,
}

impl Replica {
    pub fn url(&self) -> &str {
        self.server.url()
    }
}

/// A workspace as `/api/me/workspaces` returns it.
#[derive(Clone, Debug, Deserialize)]
pub struct Workspace {
    pub account_id: String,
    pub account_handle: String,
    pub workspace_id: String,
    pub workspace_handle: String,
}

impl Workspace {
    /// The argument of `prefect cloud login -w`.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.account_handle, self.workspace_handle)
    }
}

impl Provost {
    /// Starts the server on `database`, or on a SQLite file in a new data folder; `arguments` are added to `serve`.
    pub async fn start(binary: &Path, database: Option<Database>, arguments: &[&str]) -> Result<Self> {
        let data = tempfile::Builder::new().prefix("provost-").tempdir().context("cannot create a data folder")?;
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let server = serve(binary, &data, database.as_ref(), &arguments).await?;
        Ok(Self { server, binary: binary.to_owned(), data, database, arguments })
    }

    /// Starts a second server on the same database, which must be PostgreSQL.
    pub async fn start_replica(&self) -> Result<Replica> {
        ensure!(self.database.is_some(), "only servers on PostgreSQL have replicas");
        let data = tempfile::Builder::new().prefix("provost-").tempdir().context("cannot create a data folder")?;
        let server = serve(&self.binary, &data, self.database.as_ref(), &self.arguments).await?;
        Ok(Replica { server, _data: data })
    }

    /// Kills the server and starts it again on the same data.
    pub async fn crash_and_restart(self) -> Result<Self> {
        let Self { server, binary, data, database, arguments } = self;
        server.kill().await?;
        let server = serve(&binary, &data, database.as_ref(), &arguments).await?;
        Ok(Self { server, binary, data, database, arguments })
    }

    /// The server's process id.
    pub fn pid(&self) -> Result<u32> {
        self.server.pid().context("the server has ended")
    }

    /// Path of the SQLite file.
    pub fn file(&self) -> PathBuf {
        self.data.path().join("provost.db")
    }

    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// The PostgreSQL database of the server; `None` on SQLite.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    pub fn log(&self) -> String {
        self.server.log()
    }

    /// Creates a user with the handle `handle` and a workspace for each name of `workspaces`.
    pub async fn create_user(&self, handle: &str, workspaces: &[&str]) -> Result<()> {
        let email = email(handle);
        let arguments = ["create-user", "--email", &email, "--handle", handle, "--password-file", "-"];
        self.admin(&arguments, &format!("{PASSWORD}\n")).await?;
        for name in workspaces {
            self.admin(&["create-workspace", "--account", handle, "--name", name], "").await?;
        }
        Ok(())
    }

    /// Signs the user in by password.
    pub async fn sign_in(&self, handle: &str) -> Result<Browser> {
        Browser::sign_in(self.url(), &email(handle), PASSWORD).await
    }

    /// Creates an API key of the user; `expires` is for example `30d` or `never`.
    pub async fn create_key(&self, handle: &str, name: &str, expires: &str) -> Result<String> {
        let output = self.admin(&["create-key", "--user", handle, "--name", name, "--expires", expires], "").await?;
        Ok(output.trim().to_owned())
    }

    /// Runs `provost admin …`, which must succeed; returns its standard output.
    pub async fn admin(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.arg("admin").args(arguments).args(data_flags(&self.data, self.database.as_ref())?);
        let output = run_command(&mut command, input, COMMAND_LIMIT).await?;
        ensure!(output.success, "provost admin {} failed:\n{}", arguments.join(" "), output.text());
        Ok(output.stdout)
    }

    pub async fn workspaces(&self, key: &str) -> Result<Vec<Workspace>> {
        Api::new(format!("{}/api", self.url()), Some(key))?.get("/me/workspaces").await
    }

    /// The API of the workspace with the handle `name`.
    pub async fn workspace(&self, key: &str, name: &str) -> Result<Api> {
        let workspaces = self.workspaces(key).await?;
        let workspace = workspaces.iter().find(|workspace| workspace.workspace_handle == name);
        let workspace = workspace.with_context(|| format!("no workspace {name} among {workspaces:?}"))?;
        let path = format!("/api/accounts/{}/workspaces/{}", workspace.account_id, workspace.workspace_id);
        Api::new(format!("{}{path}", self.url()), Some(key))
    }
}

async fn serve(
    binary: &Path,
    data: &TempDir,
    database: Option<&Database>,
    arguments: &[String],
) -> Result<ServerProcess> {
    let port = free_port()?;
    let mut command = Command::new(binary);
    let listen = format!("127.0.0.1:{port}");
    command.arg("serve").args(["--listen", &listen]).args(data_flags(data, database)?).args(arguments);
    let log = data.path().join("server.log");
    ServerProcess::start(&mut command, port, "/api/ready", &log, TIMEOUT).await
}

fn email(handle: &str) -> String {
    format!("{handle}@example.com")
}

fn data_flags(data: &TempDir, database: Option<&Database>) -> Result<Vec<OsString>> {
    let mut arguments = vec![OsString::from("--data-dir"), data.path().as_os_str().to_owned()];
    if let Some(database) = database {
        arguments.extend([OsString::from("--database-url"), database.url()?.into()]);
    }
    Ok(arguments)
}
