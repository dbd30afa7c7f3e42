//! An unmodified client from its own venv, with a home of its own: the `prefect` command and scripts that import it.
//! Must not know what answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use crate::process::{Finished, finish};

/// The reference server needs half a minute for the mapped tasks of a 2.20 client on SQLite, on an idle machine.
const SCRIPT_LIMIT: Duration = Duration::from_secs(300);
const COMMAND_LIMIT: Duration = Duration::from_secs(90);

/// The name that a 2.0 client is given when it asks for one; later ones write into the profile they begin with.
const PROFILE: &str = "provost";

#[derive(Debug)]
pub struct Client {
    version: String,
    programs: PathBuf,
    home: TempDir,
    settings: BTreeMap<String, String>,
}

impl Client {
    /// The client of that version below the folder of venvs.
    pub fn new(venvs: &Path, version: &str) -> Result<Self> {
        let programs = std::path::absolute(venvs)?.join(version).join("bin");
        let prefect = programs.join("prefect");
        ensure!(
            prefect.exists(),
            "there is no client {version}: {} is missing, `cargo xtask setup` makes it",
            prefect.display()
        );
        let home = tempfile::Builder::new().prefix("client-").tempdir().context("cannot make a home for a client")?;
        Ok(Self { version: version.to_owned(), programs, home, settings: BTreeMap::new() })
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// A setting by environment variable for everything that runs from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Clients before 2.1 make a profile for each sign-in and cannot sign out.
    pub fn is_first_generation(&self) -> bool {
        self.version.starts_with("2.0.")
    }

    /// The profile that is active after signing in.
    pub fn profile(&self) -> &'static str {
        match self.version.split('.').next() {
            _ if self.is_first_generation() => PROFILE,
            Some("2") => "default",
            _ => "ephemeral",
        }
    }

    /// The setting that says where this client's cloud is.
    pub fn cloud_setting(&self) -> &'static str {
        if self.is_first_generation() { "PREFECT_CLOUD_URL" } else { "PREFECT_CLOUD_API_URL" }
    }

    /// The file of a program of the venv.
    pub fn path(&self, program: &str) -> PathBuf {
        self.programs.join(program)
    }

    /// A program of the venv, in the client's home, with nothing of the caller's environment.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.path(name));
        let home = self.home.path();
        command
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .env("PREFECT_HOME", home.join(".prefect"))
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            // Wide enough that no message is broken in the middle.
            .env("COLUMNS", "250")
            .env("DO_NOT_TRACK", "1")
            .envs(&self.settings);
        command
    }

    /// `prefect …`, whatever comes of it.
    pub async fn try_prefect(&self, arguments: &[&str]) -> Result<Finished> {
        self.prefect_with_input(arguments, "").await
    }

    /// `prefect …`, which must succeed; answers what it printed.
    pub async fn prefect(&self, arguments: &[&str]) -> Result<String> {
        let done = self.try_prefect(arguments).await?;
        ensure!(done.success, "{}: prefect {} failed:\n{}", self.version, arguments.join(" "), done.text());
        Ok(done.text())
    }

    /// Points the client at a server's cloud address and signs it in.
    pub async fn log_in(&self, server: &str, key: &str, workspace: &str) -> Result<String> {
        self.point_at(server).await?;
        let done = self.try_log_in(key, workspace).await?;
        ensure!(done.success, "{}: sign-in failed:\n{}", self.version, done.text());
        Ok(done.text())
    }

    /// `prefect cloud login` with a workspace, whatever comes of it.
    pub async fn try_log_in(&self, key: &str, workspace: &str) -> Result<Finished> {
        let arguments = ["cloud", "login", "--key", key, "--workspace", workspace];
        self.prefect_with_input(&arguments, &format!("{PROFILE}\n")).await
    }

    /// Saves where this client's cloud is.
    pub async fn point_at(&self, server: &str) -> Result<()> {
        let setting = format!("{}={server}/api", self.cloud_setting());
        self.prefect(&["config", "set", &setting]).await?;
        Ok(())
    }

    /// Runs a script, which must succeed; answers what it printed.
    pub async fn run(&self, script: &Path) -> Result<String> {
        let done = finish(self.program("python").arg(script), "", SCRIPT_LIMIT).await?;
        ensure!(done.success, "{}: {} failed:\n{}", self.version, script.display(), done.text());
        Ok(done.text())
    }

    async fn prefect_with_input(&self, arguments: &[&str], input: &str) -> Result<Finished> {
        finish(self.program("prefect").args(arguments), input, COMMAND_LIMIT).await
    }
}
