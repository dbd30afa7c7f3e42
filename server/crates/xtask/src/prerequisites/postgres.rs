//! A private PostgreSQL cluster that lives as long as the command which needs it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process;

/// A server that is already there takes the place of the private one.
pub const VARIABLE: &str = "TEST_DATABASE_URL";

/// Of the folders with a cluster; the number of its command follows.
const PREFIX: &str = "provost-postgres-";
const START_LIMIT: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Syncs as PostgreSQL does by default: what a measurement needs.
    Full,
    /// Never syncs: the tests throw the data away.
    None,
}

/// The database of a run: named by the environment, or started for it and stopped at the end.
pub enum Database {
    Given(String),
    Private(Cluster),
}

impl Database {
    pub fn open(durability: Durability) -> Result<Self> {
        match given() {
            Some(url) => Ok(Self::Given(url)),
            None => Ok(Self::Private(Cluster::start(durability)?)),
        }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::Given(url) => url,
            Self::Private(cluster) => &cluster.url,
        }
    }
}

fn given() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

/// Whether somebody else looks after the server.
pub fn is_given() -> bool {
    given().is_some()
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
        put_away_the_dead()?;
        let folder = std::env::temp_dir().join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        if process::is_root() {
            process::run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let mut initdb = as_owner(&programs.join("initdb"));
        initdb.args(["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D"]);
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
            eprintln!("the private PostgreSQL in {} was not put away: {error:#}", self.folder.display());
        }
    }
}

/// Removes what commands have left that were killed. Their servers ended with them, or end now.
fn put_away_the_dead() -> Result<()> {
    for entry in std::env::temp_dir().read_dir().context("no folder for what is temporary")?.flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
        let Some(number) = number.filter(|number| *number == std::process::id() || !is_alive(*number)) else {
            continue;
        };
        let folder = entry.path();
        if folder.join("data/postmaster.pid").exists() {
            let mut stop = as_owner(&programs()?.join("pg_ctl"));
            // It fails where the server is gone already.
            process::succeeds(stop.args(["-m", "immediate", "-w", "-s", "stop", "-D"]).arg(folder.join("data")));
        }
        if let Err(error) = fs::remove_dir_all(&folder) {
            println!("    the database of the killed command {number} stays in {}: {error}", folder.display());
        }
    }
    Ok(())
}

fn is_alive(process: u32) -> bool {
    process::succeeds(Command::new("kill").args(["-0", &process.to_string()]))
}

/// Starts the server as a child, not as a daemon: an interrupt at the terminal ends both.
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
        server.kill().context("cannot end the server that did not start")?;
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("PostgreSQL did not start; its log:\n{log}");
    }
    Ok(server)
}

/// The folder with `initdb` and `postgres`: Debian keeps them off PATH, newest version last.
pub fn programs() -> Result<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten().flatten();
    let numbered = versions.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())));
    let debian = numbered.max().map(|(_, folder)| folder.join("bin"));
    let on_path = process::find("initdb").and_then(|file| file.parent().map(Path::to_path_buf));
    let folder = debian.filter(|folder| folder.join("initdb").exists()).or(on_path);
    folder.with_context(|| format!("no PostgreSQL server programs (initdb); {VARIABLE} can name a running server"))
}

/// PostgreSQL refuses root: as root, its programs run as the person that its package made.
fn as_owner(program: &Path) -> Command {
    let mut command = if process::is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // The current folder may be closed to that person.
    command.current_dir("/");
    command
}

pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("no free port")?.local_addr()?.port())
}
