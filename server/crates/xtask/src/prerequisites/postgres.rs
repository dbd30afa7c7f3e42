//! A temporary PostgreSQL cluster that is started for one command and removed at its end.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;

/// URL of a running server to use instead of a temporary cluster.
pub const VARIABLE: &str = "TEST_DATABASE_URL";

/// Prefix of the cluster's folder; the process id of the xtask command follows.
const PREFIX: &str = "provost-postgres-";
const START_LIMIT: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Syncs to disk as PostgreSQL does by default: measurements need that.
    Full,
    /// Never syncs: the tests do not need the data after a crash.
    None,
}

/// The database of a run: the server that the environment variable names, or a cluster that is stopped at the end.
pub enum Database {
    External(String),
    Temporary(Cluster),
}

impl Database {
    pub fn open(durability: Durability) -> Result<Self> {
        match external_url() {
            Some(url) => Ok(Self::External(url)),
            None => Ok(Self::Temporary(Cluster::start(durability)?)),
        }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::External(url) => url,
            Self::Temporary(cluster) => &cluster.url,
        }
    }
}

fn external_url() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

/// Whether the environment variable names a running server.
pub fn is_external() -> bool {
    external_url().is_some()
}

pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    server: Child,
    url: String,
}

impl Cluster {
    fn start(durability: Durability) -> Result<Self> {
        let programs = programs()?;
        remove_stale_clusters()?;
        let folder = std::env::temp_dir().join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        if process::is_root() {
            process::run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        // Sorts bytes as SQLite does, and knows the capital letters of all scripts.
        let mut initdb = as_owner(&programs.join("initdb"));
        initdb.args(["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-D"]);
        process::capture(initdb.arg(folder.join("data")))?;
        let port = free_port()?;
        let server = launch(&programs, &folder, port, durability)?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(Self { programs, folder, server, url })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = as_owner(&self.programs.join("pg_ctl"));
        stop.args(["-m", "immediate", "-w", "-s", "stop", "-D"]).arg(self.folder.join("data"));
        let stopped = process::capture(&mut stop)
            .and_then(|_| self.server.wait().context("no exit"))
            .and_then(|_| fs::remove_dir_all(&self.folder).context("cannot remove its folder"));
        if let Err(error) = stopped {
            eprintln!("the temporary PostgreSQL in {} could not be removed: {error:#}", self.folder.display());
        }
    }
}

/// Removes the clusters of killed commands, and stops their servers if they still run.
fn remove_stale_clusters() -> Result<()> {
    for entry in std::env::temp_dir().read_dir().context("cannot read the folder for temporary files")?.flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
        let Some(number) = number.filter(|number| *number == std::process::id() || !is_alive(*number)) else {
            continue;
        };
        let folder = entry.path();
        if folder.join("data/postmaster.pid").exists() {
            let mut stop = as_owner(&programs()?.join("pg_ctl"));
            // pg_ctl fails if the server has already exited.
            process::succeeds(stop.args(["-m", "immediate", "-w", "-s", "stop", "-D"]).arg(folder.join("data")));
        }
        if let Err(error) = fs::remove_dir_all(&folder) {
            println!("    cannot remove the database of the killed command {number} in {}: {error}", folder.display());
        }
    }
    Ok(())
}

fn is_alive(process: u32) -> bool {
    process::succeeds(Command::new("kill").args(["-0", &process.to_string()]))
}

/// Starts the server as a child process, not as a daemon, so that Ctrl+C in the terminal ends both.
fn launch(programs: &Path, folder: &Path, port: u16, durability: Durability) -> Result<Child> {
    let mut command = as_owner(&programs.join("postgres"));
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-p", &port.to_string()]);
    command.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300", "-c", "lc_messages=C"]);
    if durability == Durability::None {
        command.args(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
    }
    let mut server = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot start postgres")?;
    let log = server.stderr.take().context("standard error is piped")?;
    let mut file = fs::File::create(folder.join("log")).context("cannot write the server's log")?;
    let (ready, wait) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if writeln!(file, "{line}").is_err() {
                return;
            }
            if line.contains("ready to accept connections") && ready.send(()).is_err() {
                return;
            }
        }
    });
    if wait.recv_timeout(START_LIMIT).is_err() {
        server.kill().context("cannot kill the server that did not start")?;
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("PostgreSQL did not start; its log:\n{log}");
    }
    Ok(server)
}

/// The folder with `initdb` and `postgres`. Debian does not put it on PATH; of several versions the newest is used.
pub fn programs() -> Result<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
    let numbered = versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    let debian = numbered.max().map(|(_, folder)| folder.join("bin"));
    let on_path = process::find("initdb").and_then(|file| file.parent().map(Path::to_path_buf));
    let folder = debian.filter(|folder| folder.join("initdb").exists()).or(on_path);
    folder.with_context(|| format!("no PostgreSQL server programs (initdb); {VARIABLE} can name a running server"))
}

/// PostgreSQL refuses to run as root: if this process is root, its programs run as the user `postgres` of the Debian package.
fn as_owner(program: &Path) -> Command {
    let mut command = if process::is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // That user may not have access to the current folder.
    command.current_dir("/");
    command
}

pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("no free port")?.local_addr()?.port())
}
