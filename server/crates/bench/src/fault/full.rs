//! A disk that is full for a while. Must not know how the server stores.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use super::writers::{Told, Until, compare, stored_runs, write};
use crate::api::Api;
use crate::file;
use crate::lifecycle;
use crate::process::{Running, free_port};

const PATIENCE: Duration = Duration::from_secs(60);
/// Makes a small disk of the last word's folder, for the server alone, and becomes the server.
const MOUNT: &str = r#"for folder; do :; done; mount -t tmpfs -o size=64m tmpfs "$folder" && exec "$@""#;
/// How often each writer tries before, while and after the disk is full.
const RUNS: usize = 10;

/// What clients were told.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub acknowledged: usize,
    pub refused: usize,
}

/// Fills the disk of a server and frees it again while many write: all that was acknowledged is stored and nothing else.
pub async fn fill(binary: &Path) -> Result<Outcome> {
    static ACKNOWLEDGED: AtomicUsize = AtomicUsize::new(0);
    let home = TempDir::with_prefix("full-")?;
    let data = home.path().join("data");
    std::fs::create_dir(&data)?;
    let server = start(binary, &data, &home.path().join("server.log")).await?;
    let target = Api::new(format!("{}/api", server.url()), None)?.target()?;
    let flow = lifecycle::flow(&target).await?;
    let mut told = write(&target, &flow, Until::Runs(RUNS), &ACKNOWLEDGED).await?;
    ensure!(told.refusals.is_empty(), "refused with room on the disk: {:?}", told.refusals);

    // The server's own view of its folder: nobody else sees its disk.
    let pid = server.pid().context("the server has ended")?;
    let inside = PathBuf::from(format!("/proc/{pid}/root{}", data.display()));
    let ballast = inside.join("ballast");
    occupy(&ballast)?;
    let tight = refused(write(&target, &flow, Until::Runs(RUNS), &ACKNOWLEDGED).await?)?;
    let refused = tight.refusals.len();
    compare(&target, &told.runs).await.context("reading while the disk is full")?;
    told.extend(tight);

    std::fs::remove_file(&ballast)?;
    let roomy = write(&target, &flow, Until::Runs(RUNS), &ACKNOWLEDGED).await?;
    ensure!(roomy.refusals.is_empty(), "refused after room came back: {:?}", roomy.refusals);
    told.extend(roomy);
    compare(&target, &told.runs).await?;
    let stored = stored_runs(&target).await?;
    ensure!(stored == told.runs.len(), "{stored} runs are stored, {} were acknowledged", told.runs.len());
    check(pid, &inside, home.path()).await?;
    server.kill().await?;
    Ok(Outcome { acknowledged: told.acknowledged(), refused })
}

/// The database is whole. It is looked at in a copy, since the small disk is gone with the server.
async fn check(pid: u32, inside: &Path, outside: &Path) -> Result<()> {
    let stopped = Command::new("kill").args(["-STOP", &pid.to_string()]).status().await?;
    ensure!(stopped.success(), "the server can't be held");
    for name in ["provost.db", "provost.db-wal"] {
        std::fs::copy(inside.join(name), outside.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    file::check(&outside.join("provost.db"))
}

/// A full disk shows, and as nothing else than a server that is not available.
fn refused(told: Told) -> Result<Told> {
    ensure!(!told.refusals.is_empty(), "nothing was refused although the disk was full");
    let other = told.refusals.iter().find(|status| !matches!(status, 503 | 507));
    ensure!(other.is_none(), "a full disk was answered with {other:?}");
    Ok(told)
}

async fn start(binary: &Path, data: &Path, log: &Path) -> Result<Running> {
    let port = free_port()?;
    // A mount of one's own takes a user of one's own where one is not the system's.
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", MOUNT, "sh"]).arg(binary);
    command.args(["serve", "--local", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(data);
    Running::start(&mut command, port, "/api/ready", log, PATIENCE).await
}

/// Takes all room there is.
fn occupy(path: &Path) -> Result<()> {
    use std::io::Write as _;
    let name = path.file_name().unwrap_or(OsStr::new("file")).display();
    let mut file = std::fs::File::create(path).with_context(|| format!("cannot make {name} on the small disk"))?;
    let mut block = vec![1_u8; 1 << 20].into_boxed_slice();
    // Smaller and smaller pieces, until not one page is left.
    while !block.is_empty() {
        match file.write(&block) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => block = block[..block.len() / 2].into(),
            Err(error) => bail!("cannot fill the small disk: {error}"),
        }
    }
    Ok(())
}
