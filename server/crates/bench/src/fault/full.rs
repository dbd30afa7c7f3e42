//! Fills the disk of a server and frees it again. Must not know how the server stores data.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use super::writers::{Until, WriteResults, compare, stored_runs, write};
use crate::api::Api;
use crate::file;
use crate::lifecycle;
use crate::process::{ServerProcess, free_port};

const TIMEOUT: Duration = Duration::from_secs(60);
/// Mounts a small tmpfs on the folder in the last argument, visible to the server only, and then executes the server.
const MOUNT: &str = r#"for folder; do :; done; mount -t tmpfs -o size=64m tmpfs "$folder" && exec "$@""#;
/// Runs of each writer before, while and after the disk is full.
const RUNS: usize = 10;

/// Numbers of acknowledged and refused writes.
#[derive(Clone, Copy, Debug)]
pub struct FullDiskReport {
    pub acknowledged: usize,
    pub refused: usize,
}

/// Fills the disk of a server and frees it again while clients write. Checks that exactly the acknowledged writes are stored.
pub async fn fill(binary: &Path) -> Result<FullDiskReport> {
    static ACKNOWLEDGED: AtomicUsize = AtomicUsize::new(0);
    let home = TempDir::with_prefix("full-")?;
    let data = home.path().join("data");
    std::fs::create_dir(&data)?;
    let server = start(binary, &data, &home.path().join("server.log")).await?;
    let target = Api::new(format!("{}/api", server.url()), None)?.target()?;
    let flow = lifecycle::create_flow(&target).await?;
    let mut results = write(&target, &flow, Until::Runs(RUNS), &ACKNOWLEDGED).await?;
    ensure!(results.refusals.is_empty(), "refused although the disk has space: {:?}", results.refusals);

    // The path through /proc, because only the server's mount namespace contains the small disk.
    let pid = server.pid().context("the server has ended")?;
    let inside = PathBuf::from(format!("/proc/{pid}/root{}", data.display()));
    let ballast = inside.join("ballast");
    fill_disk(&ballast)?;
    let results_when_full = check_refused(write(&target, &flow, Until::Runs(RUNS), &ACKNOWLEDGED).await?)?;
    let refused = results_when_full.refusals.len();
    compare(&target, &results.runs).await.context("reads while the disk is full")?;
    results.extend(results_when_full);

    std::fs::remove_file(&ballast)?;
    let results_after = write(&target, &flow, Until::Runs(RUNS), &ACKNOWLEDGED).await?;
    ensure!(results_after.refusals.is_empty(), "refused after space was freed: {:?}", results_after.refusals);
    results.extend(results_after);
    compare(&target, &results.runs).await?;
    let stored = stored_runs(&target).await?;
    ensure!(stored == results.runs.len(), "{stored} runs are stored, {} were acknowledged", results.runs.len());
    check_database(pid, &inside, home.path()).await?;
    server.kill().await?;
    Ok(FullDiskReport { acknowledged: results.acknowledged(), refused })
}

/// Checks the integrity of a copy of the database, because the small disk disappears with the server.
async fn check_database(pid: u32, inside: &Path, outside: &Path) -> Result<()> {
    let stop_status = Command::new("kill").args(["-STOP", &pid.to_string()]).status().await?;
    ensure!(stop_status.success(), "cannot stop the server with SIGSTOP");
    for name in ["provost.db", "provost.db-wal"] {
        std::fs::copy(inside.join(name), outside.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    file::check_integrity(&outside.join("provost.db"))
}

/// Checks that writes were refused while the disk was full, and only with the statuses 503 and 507.
fn check_refused(results: WriteResults) -> Result<WriteResults> {
    ensure!(!results.refusals.is_empty(), "nothing was refused although the disk was full");
    let other = results.refusals.iter().find(|status| !matches!(status, 503 | 507));
    ensure!(other.is_none(), "a write on a full disk returned {other:?}");
    Ok(results)
}

async fn start(binary: &Path, data: &Path, log: &Path) -> Result<ServerProcess> {
    let port = free_port()?;
    // Without root, a mount namespace requires a user namespace.
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", MOUNT, "sh"]).arg(binary);
    command.args(["serve", "--local", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"]).arg(data);
    ServerProcess::start(&mut command, port, "/api/ready", log, TIMEOUT).await
}

/// Writes a file until the disk is full.
fn fill_disk(path: &Path) -> Result<()> {
    use std::io::Write as _;
    let name = path.file_name().unwrap_or(OsStr::new("file")).display();
    let mut file = std::fs::File::create(path).with_context(|| format!("cannot create {name} on the small disk"))?;
    let mut block = vec![1_u8; 1 << 20].into_boxed_slice();
    // Writes smaller and smaller blocks, until no page is free.
    while !block.is_empty() {
        match file.write(&block) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::StorageFull => block = block[..block.len() / 2].into(),
            Err(error) => bail!("cannot fill the small disk: {error}"),
        }
    }
    Ok(())
}
