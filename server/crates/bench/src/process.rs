//! Programs that run beside the caller: servers on free ports that end with their value, and commands with a time limit.
//! Must not know which program it is.

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

/// A server that answers. Dropping it kills the process.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: PathBuf,
    url: String,
}

impl Running {
    /// Starts `command`, which listens on `port`, and waits until `ready` answers with success.
    pub async fn start(command: &mut Command, port: u16, ready: &str, log: &Path, patience: Duration) -> Result<Self> {
        let output = std::fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {:?}", command.as_std().get_program()))?;
        let mut running = Self { child, log: log.to_owned(), url: format!("http://127.0.0.1:{port}") };
        running.until_ready(ready, patience).await?;
        Ok(running)
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of the process; none once it has ended and was waited for.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends the process at once, as a loss of power would, and waits until it is gone.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// What the process has printed so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    async fn until_ready(&mut self, path: &str, patience: Duration) -> Result<()> {
        let api = Api::new(&self.url, None)?;
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status} before it was ready:\n{}", self.log());
            }
            if matches!(api.status(path).await, Ok(200)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("the server was not ready within {patience:?}:\n{}", self.log());
            }
            sleep(POLL).await;
        }
    }
}

/// What a command printed (standard output, then standard error) and whether it succeeded.
#[derive(Clone, Debug)]
pub struct Finished {
    pub success: bool,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a command to its end with the given standard input; kills it when it takes longer than `limit`.
pub async fn finish(command: &mut Command, input: &str, limit: Duration) -> Result<Finished> {
    let name = format!("{:?}", command.as_std());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that does not read its input may be gone already; its exit status tells more than a broken pipe.
        drop(stdin.write_all(input.as_bytes()).await);
    }
    let output = timeout(limit, child.wait_with_output())
        .await
        .with_context(|| format!("{name} was not done within {limit:?}"))??;
    Ok(Finished {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A port that nobody listens on, below the range that outgoing connections take theirs from.
pub fn free_port() -> Result<u16> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 18_000;
    const SPAN: u16 = 12_000;
    let start = u16::try_from(std::process::id() % u32::from(SPAN)).context("a remainder below 12,000 fits")?;
    for _ in 0..SPAN {
        let step = TAKEN.fetch_add(1, Ordering::Relaxed) % SPAN;
        let port = FIRST + (start + step) % SPAN;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port between {FIRST} and {}", FIRST + SPAN)
}
