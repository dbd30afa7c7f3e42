//! Tests the release build: it starts in an empty folder, responds, and contains the site.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::prerequisites::postgres::free_port;
use crate::site;
use crate::verb::build::RELEASE;
use crate::workspace::absolute;

const START_LIMIT: Duration = Duration::from_secs(30);
const RETRY_INTERVAL: Duration = Duration::from_millis(2);

pub fn check() -> Result<()> {
    let program = absolute(RELEASE)?;
    println!("    binary {} bytes", program.metadata()?.len());
    let assets = fs::read(Path::new(site::FOLDER).join(site::MANIFEST)).context("the site was not built")?;
    let assets: Value = serde_json::from_slice(&assets)?;
    let server = Server::start(&program)?;
    for kind in ["js", "wasm", "css"] {
        let path = format!("/{}", assets[kind].as_str().with_context(|| format!("the manifest has no {kind}"))?);
        match get(server.port, &path)? {
            200 => {}
            status => bail!("GET {path} returned {status}"),
        }
    }
    println!("    idle memory {}", server.memory()?);
    Ok(())
}

/// A running server in an empty folder; dropping the value kills the process.
struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    fn start(program: &Path) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("provost-binary-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let port = free_port()?;
        let log = fs::File::create(folder.join("log"))?;
        let mut command = Command::new(program);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir", "data"]).current_dir(&folder);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let start = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, folder, port };
        server.wait_until_ready(start)?;
        println!("    start to first response {} ms", start.elapsed().as_millis());
        Ok(server)
    }

    fn wait_until_ready(&mut self, start: Instant) -> Result<()> {
        while !get(self.port, "/api/health").is_ok_and(|status| status == 200) {
            let ended = self.child.try_wait()?;
            if ended.is_some() || start.elapsed() > START_LIMIT {
                bail!("the server did not respond; its log:\n{}", fs::read_to_string(self.folder.join("log"))?);
            }
            std::thread::sleep(RETRY_INTERVAL);
        }
        Ok(())
    }

    fn memory(&self) -> Result<String> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).context("no /proc")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait()).and_then(|_| fs::remove_dir_all(&self.folder));
        if let Err(error) = ended {
            eprintln!("the server in {} could not be removed: {error}", self.folder.display());
        }
    }
}

/// Sends a GET request, reads the complete response and returns its status.
fn get(port: u16, path: &str) -> Result<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(START_LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    let line = response.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).with_context(|| format!("no status in {line:?}"))
}
