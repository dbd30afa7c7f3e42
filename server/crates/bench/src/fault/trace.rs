//! Whether an acknowledgement leaves the server before the sync of what it acknowledges, told from the server's system
//! calls. A kill cannot show that: what was written but not synced survives it. Must not know how the server stores.

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

use super::writers::{MARK, MARK_LENGTH, Until, write};
use crate::api::Api;
use crate::lifecycle;
use crate::process::{Running, free_port};

const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);
/// The calls that write, sync and send. Debian's SQLite and ours differ in which sync they use.
const CALLS: &str = "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg";

/// What a trace has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// Acknowledged writes.
    pub acknowledged: usize,
    /// Those among them that were acknowledged before their sync.
    pub early: usize,
}

/// Where the server that is to be traced shall listen, and where it shall keep its data.
#[derive(Debug)]
pub struct Place {
    pub port: u16,
    pub folder: PathBuf,
}

impl Place {
    /// The command line of the program itself.
    pub fn serve(&self, binary: &Path) -> Vec<OsString> {
        let listen = format!("127.0.0.1:{}", self.port);
        let words = ["serve", "--local", "--log-level", "warn", "--listen", &listen, "--data-dir"];
        let words = words.into_iter().map(OsString::from);
        [binary.into()].into_iter().chain(words).chain([self.folder.clone().into()]).collect()
    }
}

/// Runs a server under strace while many write. `words` makes its command line; it must run in local mode.
pub async fn run(words: impl FnOnce(&Place) -> Result<Vec<OsString>>, runs_each: usize) -> Result<Shown> {
    static ACKNOWLEDGED: AtomicUsize = AtomicUsize::new(0);
    let home = TempDir::with_prefix("traced-")?;
    let trace = home.path().join("trace");
    let place = Place { port: free_port()?, folder: home.path().join("data") };
    let mut command = Command::new("strace");
    // The tracer is the grandchild: what is started, waited for and killed here is the server itself.
    command.args(["-D", "-f", "--seccomp-bpf", "-y", "-s", "65536", "-e", CALLS, "-o"]).arg(&trace);
    command.args(words(&place)?);
    let log = home.path().join("server.log");
    let server = Running::start(&mut command, place.port, "/api/health", &log, PATIENCE).await?;
    let pid = server.pid().context("the server has ended")?;
    let target = Api::new(format!("{}/api", server.url()), None)?.target()?;
    let flow = lifecycle::flow(&target).await?;
    let told = write(&target, &flow, Until::Runs(runs_each), &ACKNOWLEDGED).await?;
    ensure!(told.refusals.is_empty(), "answers that were no success: {:?}", told.refusals);
    server.kill().await?;
    until_written(&trace, pid).await?;
    let shown = read(BufReader::new(File::open(&trace)?))?;
    let expected = told.acknowledged();
    ensure!(shown.acknowledged == expected, "the trace shows {} of {expected} answers", shown.acknowledged);
    Ok(shown)
}

/// The tracer writes the end of the process last.
async fn until_written(trace: &Path, pid: u32) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = tail(trace)?;
        if text.lines().any(|line| is_end(line, pid)) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "strace did not finish: {text}");
        sleep(POLL).await;
    }
}

/// Short numbers are filled up with blanks.
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

/// Follows each mark from the write-ahead log over its sync to the socket.
fn read(lines: impl std::io::BufRead) -> Result<Shown> {
    let mut shown = Shown::default();
    let (mut written, mut durable) = (HashSet::new(), HashSet::new());
    // What a sync that is under way will have made durable, by thread.
    let mut syncing: HashMap<String, HashSet<String>> = HashMap::new();
    let mut answered = HashSet::new();
    for line in lines.lines() {
        let line = line?;
        let thread = line.split(' ').next().unwrap_or_default();
        let logged = line.contains("-wal>");
        if logged && line.contains(" pwrite64(") {
            written.extend(marks(&line).filter(|mark| !durable.contains(mark)));
        } else if logged && line.contains("sync(") {
            syncing.insert(thread.to_owned(), std::mem::take(&mut written));
            if line.ends_with("= 0") {
                durable.extend(syncing.remove(thread).unwrap_or_default());
            }
        } else if line.contains("sync resumed>") && line.ends_with("= 0") {
            durable.extend(syncing.remove(thread).unwrap_or_default());
        } else if line.contains("\"HTTP/1.1 2") {
            for mark in marks(&line).filter(|mark| answered.insert(mark.clone())).collect::<Vec<_>>() {
                shown.acknowledged += 1;
                shown.early += usize::from(!durable.contains(&mark));
            }
        }
    }
    Ok(shown)
}

fn marks(line: &str) -> impl Iterator<Item = String> {
    line.match_indices(MARK).filter_map(|(at, _)| line.get(at..at + MARK_LENGTH)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Shown, is_end, read};

    const WRITE: &str =
        "7 pwrite64(9</d/provost.db-wal>, \"\\0acacacac-acac-4aca-8aca-000000000001\\0\", 4096, 0) = 4096";
    const SEND: &str = "8 writev(4<socket:[1]>, [{iov_base=\"HTTP/1.1 201 Created\\r\\n\", iov_len=9}, {iov_base=\"{\\\"acacacac-acac-4aca-8aca-000000000001\", iov_len=9}], 2) = 18";

    fn shown(lines: &[&str]) -> Shown {
        read(lines.join("\n").as_bytes()).unwrap()
    }

    #[test]
    fn the_end_is_found_however_long_the_number() {
        for (line, pid) in [("2087  +++ killed by SIGKILL +++", 2_087), ("20871 +++ exited with 0 +++", 20_871)] {
            assert!(is_end(line, pid), "{line}");
        }
        assert!(!is_end("20871 +++ exited with 0 +++", 2_087));
    }

    #[test]
    fn an_answer_must_follow_the_sync_of_its_write() {
        let (on_time, early) = (Shown { acknowledged: 1, early: 0 }, Shown { acknowledged: 1, early: 1 });
        let sync = "7 fdatasync(9</d/provost.db-wal>) = 0";
        let (begun, ended) = ("7 fsync(9</d/provost.db-wal> <unfinished ...>", "7 <... fsync resumed>) = 0");
        assert_eq!(shown(&[WRITE, sync, SEND]), on_time);
        assert_eq!(shown(&[WRITE, begun, ended, SEND]), on_time);
        assert_eq!(shown(&[WRITE, begun, SEND, ended]), early);
        assert_eq!(shown(&[sync, WRITE, SEND, sync]), early);
        assert_eq!(shown(&[WRITE, "7 fdatasync(9</d/provost.db-wal>) = -1 EIO (Input/output error)", SEND]), early);
        assert_eq!(shown(&[WRITE, "7 fdatasync(10</d/provost.db>) = 0", SEND]), early);
        assert_eq!(shown(&[SEND]), early);
    }
}
