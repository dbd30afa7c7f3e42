//! The phases in their order, and what one of them leaves for the next.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::binary;
use super::report::TestsFailed;
use crate::need::postgres::{self, Database, Durability};
use crate::need::wasm::WasmCompiler;
use crate::need::{chromium, disk, namespace, node, package, python};
use crate::progress::step;
use crate::site::{self, Profile, budget};
use crate::suite::Tally;
use crate::workspace::{Host, WASM_TARGET, WASM_TRIPLE, XTASK_MANIFEST, XTASK_TARGET, absolute};
use crate::{fence, process, workspace};

pub struct Phase {
    pub name: &'static str,
    pub run: fn(&mut Session) -> Result<()>,
}

/// Each can run alone: what it needs from an earlier one it gets by itself.
pub const PHASES: &[Phase] = &[
    Phase { name: "setup", run: setup },
    Phase { name: "fmt", run: fmt },
    Phase { name: "fences", run: fences },
    Phase { name: "site", run: site },
    Phase { name: "clippy", run: clippy },
    Phase { name: "host", run: host },
    Phase { name: "clients", run: clients },
    Phase { name: "browser", run: browser },
    Phase { name: "binary", run: binary },
];

/// The integration test of `server` that runs the real clients: its phase waits for their environments.
const CLIENTS: &str = "clients";
const SERVER: &str = "target/debug/provost";
const PLAYWRIGHT_REPORT: &str = "target/browser.json";

#[derive(Default)]
pub struct Session {
    pub tally: Tally,
    database: Option<Database>,
    /// The Python environments are made while cargo compiles.
    environments: Option<JoinHandle<Result<Duration>>>,
}

impl Session {
    fn database(&mut self) -> Result<String> {
        if self.database.is_none() {
            package::ensure()?;
            self.database = Some(step("start PostgreSQL", || Database::open(Durability::None))?);
        }
        self.database.as_ref().map(|database| database.url().to_owned()).ok_or_else(|| anyhow!("no database"))
    }

    fn environments(&mut self) -> Result<()> {
        let making = self.environments.take().unwrap_or_else(make_environments);
        let took = step("wait for the Python environments", || join(making))?;
        println!("    made in {:.1} s", took.as_secs_f64());
        Ok(())
    }

    /// Runs and counts a cargo test command.
    fn test(&mut self, command: &mut Command) -> Result<()> {
        let (tally, success) = Tally::of_cargo(command)?;
        let failed = tally.failed();
        self.tally.add(tally);
        match (success, failed) {
            (true, _) => Ok(()),
            (false, 0) => bail!("cargo test failed before or beside its tests"),
            (false, _) => Err(TestsFailed.into()),
        }
    }

    /// What the suites learn about their surroundings.
    fn surroundings(&mut self, command: &mut Command) -> Result<()> {
        command.env(postgres::VARIABLE, self.database()?);
        command.env(chromium::VARIABLE, chromium::program()?);
        command.env("PROVOST_TEST_BIN", absolute(SERVER)?);
        command.env("PROVOST_TEST_VENVS", absolute(workspace::VENVS)?);
        Ok(())
    }
}

/// Cargo without what only the next edit would need: it takes a third of the disk. A folder in which somebody edits keeps it.
fn cargo() -> Command {
    let mut command = workspace::cargo();
    if !Path::new("target/debug/incremental").exists() && std::env::var_os("CARGO_INCREMENTAL").is_none() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

fn make_environments() -> JoinHandle<Result<Duration>> {
    std::thread::spawn(|| {
        let start = Instant::now();
        python::CLIENTS.iter().try_for_each(python::Venv::ensure)?;
        Ok(start.elapsed())
    })
}

fn join(making: JoinHandle<Result<Duration>>) -> Result<Duration> {
    making.join().map_err(|_| anyhow!("making the Python environments panicked"))?
}

fn setup(session: &mut Session) -> Result<()> {
    disk::look()?;
    let packages = step("system packages", package::ensure);
    session.environments = Some(make_environments());
    let node = step("node packages", node::ensure);
    let compiler = WasmCompiler::ensure();
    packages.and(node).and(namespace::ensure()).and(compiler.map(|_| ()))
}

fn fmt(_: &mut Session) -> Result<()> {
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    process::run(cargo().args(["fmt", "--manifest-path", XTASK_MANIFEST, "--check"]))
}

fn fences(session: &mut Session) -> Result<()> {
    let checked = step("fences", || fence::check(&WasmCompiler::ensure()?));
    let mut own = cargo();
    own.args(["test", "--manifest-path", XTASK_MANIFEST, "--target-dir", XTASK_TARGET]);
    session.test(&mut own)?;
    checked
}

fn site(_: &mut Session) -> Result<()> {
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    budget::check()
}

fn clippy(_: &mut Session) -> Result<()> {
    fs::create_dir_all(site::FOLDER)?;
    let host = step("clippy of the host's half", || {
        lint(cargo().arg("clippy").args(Host::read()?.packages()).arg("--all-targets"))
    });
    let browser = step("clippy of the browser's half", || clippy_browser(&WasmCompiler::ensure()?));
    let own = step("clippy of xtask", || {
        let mut command = cargo();
        command.args(["clippy", "--manifest-path", XTASK_MANIFEST, "--target-dir", XTASK_TARGET, "--all-targets"]);
        lint(&mut command)
    });
    host.and(browser).and(own)
}

/// Apart from the host's half: in one build, `ssr` and `hydrate` would be unified.
fn clippy_browser(compiler: &WasmCompiler) -> Result<()> {
    let mut command = cargo();
    command.args(["clippy", "-p", "frontend", "-p", "app", "-p", "ui", "-p", "model", "--features", "app/hydrate"]);
    command.args(["--target-dir", WASM_TARGET]);
    match compiler {
        WasmCompiler::Own => command.args(["--target", WASM_TRIPLE]),
        // The fallback brings no clippy, and the host's cannot read its libraries.
        WasmCompiler::Fallback(_) => &mut command,
    };
    lint(&mut command)
}

fn lint(command: &mut Command) -> Result<()> {
    process::run(command.args(["--", "-D", "warnings"]))
}

fn host(session: &mut Session) -> Result<()> {
    fs::create_dir_all(site::FOLDER)?;
    let host = Host::read()?;
    let mut command = cargo();
    command.args(["test", "--no-fail-fast"]).args(host.packages()).args(host.tests_but(CLIENTS));
    session.surroundings(&mut command)?;
    session.test(&mut command)
}

fn clients(session: &mut Session) -> Result<()> {
    fs::create_dir_all(site::FOLDER)?;
    session.environments()?;
    let mut command = cargo();
    command.args(["test", "--no-fail-fast", "-p", "server", "--test", CLIENTS]);
    session.surroundings(&mut command)?;
    session.test(&mut command)
}

fn browser(session: &mut Session) -> Result<()> {
    step("node packages", node::ensure)?;
    // Playwright strips the types and never looks at them.
    step("types of the specs", || process::run(Command::new("node_modules/.bin/tsc").current_dir("end2end")))?;
    session.environments()?;
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    // As the clients' tests are built, not alone: other features would compile half the product anew.
    step("server", || process::run(cargo().args(["test", "-p", "server", "--test", CLIENTS, "--no-run"])))?;
    let report = absolute(PLAYWRIGHT_REPORT)?;
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut command = Command::new("node_modules/.bin/playwright");
    command.args(["test", "--reporter=list,json"]).current_dir("end2end").env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    session.surroundings(&mut command)?;
    let success = process::stream(&mut command, |_| ())?;
    let tally = Tally::of_playwright(&report)?;
    let failed = tally.failed();
    session.tally.add(tally);
    match (success, failed) {
        (true, 0) => Ok(()),
        (false, 0) => bail!("playwright failed before or beside its tests"),
        _ => Err(TestsFailed.into()),
    }
}

fn binary(_: &mut Session) -> Result<()> {
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    step("server", crate::verb::build::release)?;
    binary::check()
}
