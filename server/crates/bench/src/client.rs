//! An unmodified client in its own venv with its own home folder: runs the `prefect` command and scripts that import prefect.
//! Must not know which server the client calls.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use crate::process::{CommandOutput, run_command};

/// The reference server needs half a minute for the mapped tasks of a 2.20 client on SQLite, on an idle machine.
const SCRIPT_LIMIT: Duration = Duration::from_secs(300);
const COMMAND_LIMIT: Duration = Duration::from_secs(90);

/// The profile name that is typed into a 2.0 client at sign-in; later clients use their default profile.
const PROFILE: &str = "provost";

#[derive(Debug)]
pub struct Client {
    version: String,
    programs: PathBuf,
    home: TempDir,
    settings: BTreeMap<String, String>,
}

impl Client {
    /// The client of that version; `venvs` is the folder that contains the venv of each version.
    pub fn new(venvs: &Path, version: &str) -> Result<Self> {
        let programs = std::path::absolute(venvs)?.join(version).join("bin");
        let prefect = programs.join("prefect");
        ensure!(
            prefect.exists(),
            "client {version} is not installed: {} is missing; `cargo xtask setup` installs it",
            prefect.display()
        );
        let home =
            tempfile::Builder::new().prefix("client-").tempdir().context("cannot create a home folder for a client")?;
        Ok(Self { version: version.to_owned(), programs, home, settings: BTreeMap::new() })
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// Sets an environment variable for all later commands of this client.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Lets the client call a workspace of a server, which is its cloud too, without signing in.
    pub fn use_workspace(&mut self, server: &str, workspace: &str, key: &str) {
        self.set(self.cloud_setting(), &format!("{server}/api"));
        self.set("PREFECT_API_URL", workspace);
        self.set("PREFECT_API_KEY", key);
    }

    /// Clients before 2.1 create a profile for each sign-in and have no logout command.
    pub fn is_first_generation(&self) -> bool {
        self.version.starts_with("2.0.")
    }

    /// Whether it has variables and artifacts.
    pub fn has_resources(&self) -> bool {
        !self.is_first_generation()
    }

    /// The profile that is active after signing in.
    pub fn profile(&self) -> &'static str {
        match self.version.split('.').next() {
            _ if self.is_first_generation() => PROFILE,
            Some("2") => "default",
            _ => "ephemeral",
        }
    }

    /// The setting for the URL of Prefect Cloud in this client version.
    pub fn cloud_setting(&self) -> &'static str {
        if self.is_first_generation() { "PREFECT_CLOUD_URL" } else { "PREFECT_CLOUD_API_URL" }
    }

    /// Path of a program of the venv.
    pub fn path(&self, program: &str) -> PathBuf {
        self.programs.join(program)
    }

    /// A command for a program of the venv, in the client's home folder, without the environment of this process.
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
            // Wide enough that prefect does not wrap messages.
            .env("COLUMNS", "250")
            .env("DO_NOT_TRACK", "1")
            .envs(&self.settings);
        command
    }

    /// Runs `prefect …`; a failing command is not an error.
    pub async fn try_prefect(&self, arguments: &[&str]) -> Result<CommandOutput> {
        self.prefect_with_input(arguments, "").await
    }

    /// Runs `prefect …`, which must succeed; returns its output.
    pub async fn prefect(&self, arguments: &[&str]) -> Result<String> {
        let output = self.try_prefect(arguments).await?;
        ensure!(output.success, "{}: prefect {} failed:\n{}", self.version, arguments.join(" "), output.text());
        Ok(output.text())
    }

    /// Sets the server as the client's cloud and signs in.
    pub async fn log_in(&self, server: &str, key: &str, workspace: &str) -> Result<String> {
        self.point_at(server).await?;
        let output = self.try_log_in(key, workspace).await?;
        ensure!(output.success, "{}: sign-in failed:\n{}", self.version, output.text());
        Ok(output.text())
    }

    /// Runs `prefect cloud login` with a workspace; a failing command is not an error.
    pub async fn try_log_in(&self, key: &str, workspace: &str) -> Result<CommandOutput> {
        let arguments = ["cloud", "login", "--key", key, "--workspace", workspace];
        self.prefect_with_input(&arguments, &format!("{PROFILE}\n")).await
    }

    /// Saves the server's API as the client's cloud URL.
    pub async fn point_at(&self, server: &str) -> Result<()> {
        let setting = format!("{}={server}/api", self.cloud_setting());
        self.prefect(&["config", "set", &setting]).await?;
        Ok(())
    }

    /// Runs a Python script, which must succeed; returns its output.
    pub async fn run(&self, script: &Path) -> Result<String> {
        let output = run_command(self.program("python").arg(script), "", SCRIPT_LIMIT).await?;
        ensure!(output.success, "{}: {} failed:\n{}", self.version, script.display(), output.text());
        Ok(output.text())
    }

    async fn prefect_with_input(&self, arguments: &[&str], input: &str) -> Result<CommandOutput> {
        run_command(self.program("prefect").args(arguments), input, COMMAND_LIMIT).await
    }
}
