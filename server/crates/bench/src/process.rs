//! Child processes: servers on free ports that are killed on drop, and commands with a time limit. Must not know which program
//! runs.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::api::Api;

const POLL: Duration = Duration::from_millis(50);

/// A running server. Dropping the value kills the process.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    log: PathBuf,
    url: String,
}

impl ServerProcess {
    /// Starts `command`, which listens on `port`, and waits until GET `ready` returns 200.
    pub async fn start(command: &mut Command, port: u16, ready: &str, log: &Path, timeout: Duration) -> Result<Self> {
        let output = std::fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {:?}", command.as_std().get_program()))?;
        let mut server = Self { child, log: log.to_owned(), url: format!("http://127.0.0.1:{port}") };
        server.wait_until_ready(ready, timeout).await?;
        Ok(server)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id; `None` once the process has ended and was waited for.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills the process and waits until it has ended.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// The output of the process so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    async fn wait_until_ready(&mut self, path: &str, timeout: Duration) -> Result<()> {
        let api = Api::new(&self.url, None)?;
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status} before it was ready:\n{}", self.log());
            }
            if matches!(api.status(path).await, Ok(200)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the server was not ready within {timeout:?}:\n{}", self.log());
            }
            sleep(POLL).await;
        }
    }
}

/// Output of a command, and whether it succeeded.
#[derive(Clone, Debug)]
pub struct CommandOutput {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl CommandOutput {
    /// Standard output, then standard error.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a command with `input` as standard input; kills it if it takes longer than `limit`.
pub async fn run_command(command: &mut Command, input: &str, limit: Duration) -> Result<CommandOutput> {
    let name = format!("{:?}", command.as_std());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Ignores a broken pipe: a command that does not read its input may have ended, and its exit status is reported below.
        drop(stdin.write_all(input.as_bytes()).await);
    }
    let output = timeout(limit, child.wait_with_output())
        .await
        .with_context(|| format!("{name} did not end within {limit:?}"))??;
    Ok(CommandOutput {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A free port below the range of ephemeral ports, so that no outgoing connection takes it.
pub fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 18_000;
    const SPAN: u16 = 12_000;
    let start = u16::try_from(std::process::id() % u32::from(SPAN)).context("a remainder below 12,000 fits")?;
    for _ in 0..SPAN {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % SPAN;
        let port = FIRST + (start + step) % SPAN;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port between {FIRST} and {}", FIRST + SPAN)
}
