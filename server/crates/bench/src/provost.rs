//! Provost itself as its users run it: the binary, a data folder, and people, workspaces and keys made by its
//! administration commands. Must not know its inside.

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
use crate::process::{Running, finish, free_port};

const PATIENCE: Duration = Duration::from_secs(60);
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
const PASSWORD: &str = "seventeen quiet herons";

#[derive(Debug)]
pub struct Provost {
    running: Running,
    binary: PathBuf,
    data: TempDir,
    database: Option<Database>,
    arguments: Vec<String>,
}

/// A workspace as a key sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct Workspace {
    pub account_id: String,
    pub account_handle: String,
    pub workspace_id: String,
    pub workspace_handle: String,
}

impl Workspace {
    /// What `prefect cloud login -w` takes.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.account_handle, self.workspace_handle)
    }
}

impl Provost {
    /// Starts it on `database`, or on an SQLite file in a data folder of its own; `arguments` are added to `serve`.
    pub async fn start(binary: &Path, database: Option<Database>, arguments: &[&str]) -> Result<Self> {
        let data = tempfile::Builder::new().prefix("provost-").tempdir().context("cannot make a data folder")?;
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let running = serve(binary, &data, database.as_ref(), &arguments).await?;
        Ok(Self { running, binary: binary.to_owned(), data, database, arguments })
    }

    /// Ends it as a loss of power would, and starts it again on the same data.
    pub async fn crash_and_restart(self) -> Result<Self> {
        let Self { running, binary, data, database, arguments } = self;
        running.kill().await?;
        let running = serve(&binary, &data, database.as_ref(), &arguments).await?;
        Ok(Self { running, binary, data, database, arguments })
    }

    /// The number of its process.
    pub fn pid(&self) -> Result<u32> {
        self.running.pid().context("the server has ended")
    }

    /// Its embedded database.
    pub fn file(&self) -> PathBuf {
        self.data.path().join("provost.db")
    }

    pub fn url(&self) -> &str {
        self.running.url()
    }

    pub fn log(&self) -> String {
        self.running.log()
    }

    /// A person whose handle is `handle`, with a workspace for each of `workspaces`.
    pub async fn person(&self, handle: &str, workspaces: &[&str]) -> Result<()> {
        let email = email(handle);
        let person = ["create-user", "--email", &email, "--handle", handle, "--password-file", "-"];
        self.admin(&person, &format!("{PASSWORD}\n")).await?;
        for name in workspaces {
            self.admin(&["create-workspace", "--account", handle, "--name", name], "").await?;
        }
        Ok(())
    }

    /// The person, signed in by password.
    pub async fn browser(&self, handle: &str) -> Result<Browser> {
        Browser::sign_in(self.url(), &email(handle), PASSWORD).await
    }

    /// A new key of the person; `expires` is `30d`, `never` and the like.
    pub async fn key(&self, handle: &str, name: &str, expires: &str) -> Result<String> {
        let printed = self.admin(&["create-key", "--user", handle, "--name", name, "--expires", expires], "").await?;
        Ok(printed.trim().to_owned())
    }

    /// `provost admin …`, which must succeed; answers its standard output.
    pub async fn admin(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.arg("admin").args(arguments).args(place(&self.data, self.database.as_ref())?);
        let done = finish(&mut command, input, COMMAND_LIMIT).await?;
        ensure!(done.success, "provost admin {} failed:\n{}", arguments.join(" "), done.text());
        Ok(done.stdout)
    }

    pub async fn workspaces(&self, key: &str) -> Result<Vec<Workspace>> {
        Api::new(format!("{}/api", self.url()), Some(key))?.get("/me/workspaces").await
    }

    /// The API of the workspace with that name in the person's account.
    pub async fn workspace(&self, key: &str, name: &str) -> Result<Api> {
        let all = self.workspaces(key).await?;
        let found = all.iter().find(|workspace| workspace.workspace_handle == name);
        let found = found.with_context(|| format!("no workspace {name} among {all:?}"))?;
        let path = format!("/api/accounts/{}/workspaces/{}", found.account_id, found.workspace_id);
        Api::new(format!("{}{path}", self.url()), Some(key))
    }
}

async fn serve(binary: &Path, data: &TempDir, database: Option<&Database>, arguments: &[String]) -> Result<Running> {
    let port = free_port()?;
    let mut command = Command::new(binary);
    let listen = format!("127.0.0.1:{port}");
    command.arg("serve").args(["--listen", &listen]).args(place(data, database)?).args(arguments);
    let log = data.path().join("server.log");
    Running::start(&mut command, port, "/api/ready", &log, PATIENCE).await
}

fn email(handle: &str) -> String {
    format!("{handle}@example.com")
}

fn place(data: &TempDir, database: Option<&Database>) -> Result<Vec<OsString>> {
    let mut arguments = vec![OsString::from("--data-dir"), data.path().as_os_str().to_owned()];
    if let Some(database) = database {
        arguments.extend([OsString::from("--database-url"), database.url()?.into()]);
    }
    Ok(arguments)
}
