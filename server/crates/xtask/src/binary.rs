//! Tests the one file that is deployed: it starts in an empty folder, and serves pages and assets without the build's folder.

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
use crate::workspace::absolute;

const START_LIMIT: Duration = Duration::from_secs(30);
const RETRY_INTERVAL: Duration = Duration::from_millis(2);

/// A page without sign-in, and the page of the API's document.
const PAGE: &str = "/sign-in";
const DOCS: &str = "/api/docs";
/// Starts a program that sees an empty folder in place of the first argument.
const HIDE: &str = r#"mount -t tmpfs none "$0" && exec "$@""#;

/// What a release build costs its operator. In a development build the figures mean nothing.
pub struct Figures {
    bytes: u64,
    start: Duration,
    idle_memory: String,
}

impl std::fmt::Display for Figures {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { bytes, start, idle_memory } = self;
        write!(out, "{bytes} bytes, {} ms to the first response, idle memory {idle_memory}", start.as_millis())
    }
}

pub fn check(program: &str) -> Result<Figures> {
    let program = absolute(program)?;
    let site = absolute(site::FOLDER)?;
    let assets = fs::read(site.join(site::MANIFEST)).context("the site was not built")?;
    let assets: Value = serde_json::from_slice(&assets)?;
    let (server, start) = Server::start(&program, &site)?;
    let named = |kind: &str| assets[kind].as_str().with_context(|| format!("the manifest has no {kind}"));
    let in_docs = |file: &str| Ok::<_, anyhow::Error>((DOCS, format!("{}/{file}", named("docs")?)));
    let on_page = |kind: &str| Ok::<_, anyhow::Error>((PAGE, named(kind)?.to_owned()));
    let files = ["js", "wasm", "css"].map(on_page).into_iter();
    for file in files.chain(["swagger-ui-bundle.js", "swagger-ui.css", "page.js", "page.css"].map(in_docs)) {
        let (page, name) = file?;
        if get(server.port, &format!("/{name}"))? != fs::read(site.join(&name))? {
            bail!("GET /{name} did not return the file that was built");
        }
        if !contains(&get(server.port, page)?, name.as_bytes()) {
            bail!("the page {page} does not refer to {name}");
        }
    }
    Ok(Figures { bytes: program.metadata()?.len(), start, idle_memory: server.memory()? })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// A running server in an empty folder; dropping the value kills the process.
struct Server {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// Starts the program while the build's folder `site` is hidden from it; returns also the time until its first response.
    fn start(program: &Path, site: &Path) -> Result<(Self, Duration)> {
        let folder = std::env::temp_dir().join(format!("provost-binary-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let port = free_port()?;
        let log = fs::File::create(folder.join("log"))?;
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", HIDE]).arg(site).arg(program);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir", "data"]).current_dir(&folder);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let start = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, folder, port };
        server.wait_until_ready(start)?;
        Ok((server, start.elapsed()))
    }

    fn wait_until_ready(&mut self, start: Instant) -> Result<()> {
        while get(self.port, "/api/health").is_err() {
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

/// Sends a GET request and returns the body of the response, whose status must be 200.
fn get(port: u16, path: &str) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(START_LIMIT))?;
    // In HTTP/1.0 the body is sent without chunks.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n")?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").context("no end of the headers")?;
    let head = String::from_utf8_lossy(&response[..end]).into_owned();
    if head.split(' ').nth(1) != Some("200") {
        bail!("GET {path} returned {}", head.lines().next().unwrap_or_default());
    }
    Ok(response.split_off(end + 4))
}
