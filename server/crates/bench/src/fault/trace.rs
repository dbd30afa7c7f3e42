//! Finds, in a trace of the server's system calls, acknowledgements that the server sends before the sync of their write. A kill
//! cannot show this, because data that is written but not synced survives a kill. Must not know how the server stores data.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

use super::writers::{MARKER_LENGTH, MARKER_PREFIX, Until, write};
use crate::api::Api;
use crate::lifecycle;
use crate::process::{ServerProcess, free_port};

const TIMEOUT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);
/// The system calls that write, sync and send. Debian's SQLite uses fsync, Provost's fdatasync.
const CALLS: &str = "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg";

/// Result of a traced run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SyncReport {
    /// Acknowledged writes.
    pub acknowledged: usize,
    /// Writes acknowledged before their sync.
    pub early: usize,
}

/// Port and data folder for the traced server.
#[derive(Debug)]
pub struct ServeOptions {
    pub port: u16,
    pub folder: PathBuf,
}

impl ServeOptions {
    /// The command line of `provost serve` in local mode.
    pub fn command_line(&self, binary: &Path) -> Vec<OsString> {
        let listen = format!("127.0.0.1:{}", self.port);
        let arguments = ["serve", "--local", "--log-level", "warn", "--listen", &listen, "--data-dir"];
        let arguments = arguments.into_iter().map(OsString::from);
        [binary.into()].into_iter().chain(arguments).chain([self.folder.clone().into()]).collect()
    }
}

/// Runs a server under strace while clients write. `arguments` returns its command line; the server must run in local mode.
pub async fn run(
    arguments: impl FnOnce(&ServeOptions) -> Result<Vec<OsString>>,
    runs_each: usize,
) -> Result<SyncReport> {
    static ACKNOWLEDGED: AtomicUsize = AtomicUsize::new(0);
    let home = TempDir::with_prefix("traced-")?;
    let trace = home.path().join("trace");
    let options = ServeOptions { port: free_port()?, folder: home.path().join("data") };
    let mut command = Command::new("strace");
    // `-D` makes the tracer the grandchild, so that `ServerProcess` waits for and kills the server itself.
    command.args(["-D", "-f", "--seccomp-bpf", "-y", "-s", "65536", "-e", CALLS, "-o"]).arg(&trace);
    command.args(arguments(&options)?);
    let log = home.path().join("server.log");
    let server = ServerProcess::start(&mut command, options.port, "/api/health", &log, TIMEOUT).await?;
    let pid = server.pid().context("the server has ended")?;
    let target = Api::new(format!("{}/api", server.url()), None)?.target()?;
    let flow = lifecycle::create_flow(&target).await?;
    let results = write(&target, &flow, Until::Runs(runs_each), &ACKNOWLEDGED).await?;
    ensure!(results.refusals.is_empty(), "rejected writes: {:?}", results.refusals);
    server.kill().await?;
    wait_until_written(&trace, pid).await?;
    let report = read(BufReader::new(File::open(&trace)?))?;
    let expected = results.acknowledged();
    ensure!(report.acknowledged == expected, "the trace contains {} of {expected} responses", report.acknowledged);
    Ok(report)
}

/// Waits until strace has written the end of the process, which is its last line.
async fn wait_until_written(trace: &Path, pid: u32) -> Result<()> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let text = tail(trace)?;
        if text.lines().any(|line| is_end(line, pid)) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "strace did not finish: {text}");
        sleep(POLL).await;
    }
}

/// strace pads short process ids with blanks.
fn is_end(line: &str, pid: u32) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some(pid.to_string().as_str()) && words.next() == Some("+++")
}

fn tail(path: &Path) -> Result<String> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    const LENGTH: u64 = 8_192;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(file.metadata()?.len().saturating_sub(LENGTH)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Follows each marker from its write to the write-ahead log, over the sync, to the response on the socket.
fn read(lines: impl std::io::BufRead) -> Result<SyncReport> {
    let mut report = SyncReport::default();
    let (mut written, mut durable) = (HashSet::new(), HashSet::new());
    // Markers whose sync has started but not returned, by thread.
    let mut syncing: HashMap<String, HashSet<String>> = HashMap::new();
    let mut acknowledged = HashSet::new();
    for line in lines.lines() {
        let line = line?;
        let thread = line.split(' ').next().unwrap_or_default();
        let is_wal_call = line.contains("-wal>");
        if is_wal_call && line.contains(" pwrite64(") {
            written.extend(markers(&line).filter(|marker| !durable.contains(marker)));
        } else if is_wal_call && line.contains("sync(") {
            syncing.insert(thread.to_owned(), std::mem::take(&mut written));
            if line.ends_with("= 0") {
                durable.extend(syncing.remove(thread).unwrap_or_default());
            }
        } else if line.contains("sync resumed>") && line.ends_with("= 0") {
            durable.extend(syncing.remove(thread).unwrap_or_default());
        } else if line.contains("\"HTTP/1.1 2") {
            for marker in markers(&line).filter(|marker| acknowledged.insert(marker.clone())).collect::<Vec<_>>() {
                report.acknowledged += 1;
                report.early += usize::from(!durable.contains(&marker));
            }
        }
    }
    Ok(report)
}

fn markers(line: &str) -> impl Iterator<Item = String> {
    line.match_indices(MARKER_PREFIX).filter_map(|(at, _)| line.get(at..at + MARKER_LENGTH)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{SyncReport, is_end, read};

    const WRITE: &str =
        "7 pwrite64(9</d/provost.db-wal>, \"\\0acacacac-acac-4aca-8aca-000000000001\\0\", 4096, 0) = 4096";
    const SEND: &str = "8 writev(4<socket:[1]>, [{iov_base=\"HTTP/1.1 201 Created\\r\\n\", iov_len=9}, {iov_base=\"{\\\"acacacac-acac-4aca-8aca-000000000001\", iov_len=9}], 2) = 18";

    fn report(lines: &[&str]) -> SyncReport {
        read(lines.join("\n").as_bytes()).unwrap()
    }

    #[test]
    fn process_end_is_found_for_any_pid_length() {
        for (line, pid) in [("2087  +++ killed by SIGKILL +++", 2_087), ("20871 +++ exited with 0 +++", 20_871)] {
            assert!(is_end(line, pid), "{line}");
        }
        assert!(!is_end("20871 +++ exited with 0 +++", 2_087));
    }

    #[test]
    fn response_before_its_sync_counts_as_early() {
        let (on_time, early) = (SyncReport { acknowledged: 1, early: 0 }, SyncReport { acknowledged: 1, early: 1 });
        let sync = "7 fdatasync(9</d/provost.db-wal>) = 0";
        let (sync_start, sync_end) = ("7 fsync(9</d/provost.db-wal> <unfinished ...>", "7 <... fsync resumed>) = 0");
        assert_eq!(report(&[WRITE, sync, SEND]), on_time);
        assert_eq!(report(&[WRITE, sync_start, sync_end, SEND]), on_time);
        assert_eq!(report(&[WRITE, sync_start, SEND, sync_end]), early);
        assert_eq!(report(&[sync, WRITE, SEND, sync]), early);
        assert_eq!(report(&[WRITE, "7 fdatasync(9</d/provost.db-wal>) = -1 EIO (Input/output error)", SEND]), early);
        assert_eq!(report(&[WRITE, "7 fdatasync(10</d/provost.db>) = 0", SEND]), early);
        assert_eq!(report(&[SEND]), early);
    }
}
