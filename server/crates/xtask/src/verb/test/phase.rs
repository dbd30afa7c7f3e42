//! The phases in their order, and the state that they share.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::report::TestsFailed;
use crate::prerequisites::postgres::{self, Database, Durability};
use crate::prerequisites::wasm::WasmCompiler;
use crate::prerequisites::{chromium, disk, namespace, node, package, python};
use crate::progress::step;
use crate::site::{self, Profile, budget};
use crate::suite::Tally;
use crate::workspace::{Host, WASM_TARGET, WASM_TRIPLE, XTASK_MANIFEST, XTASK_TARGET, absolute};
use crate::{binary, dependency_rules, process, texts, workspace};

pub struct Phase {
    pub name: &'static str,
    pub run: fn(&mut Session) -> Result<()>,
}

/// Each phase can run alone: it sets up what it needs if no earlier phase did.
pub const PHASES: &[Phase] = &[
    Phase { name: "setup", run: setup },
    Phase { name: "fmt", run: fmt },
    Phase { name: "rules", run: rules },
    Phase { name: "site", run: site },
    Phase { name: "clippy", run: clippy },
    Phase { name: "host", run: host },
    Phase { name: "clients", run: clients },
    Phase { name: "browser", run: browser },
    Phase { name: "binary", run: binary },
];

/// The integration test of `server` that runs the real clients; its phase waits for their virtual environments.
const CLIENTS: &str = "clients";
const SERVER: &str = "target/debug/provost";
const PLAYWRIGHT_REPORT: &str = "target/browser.json";

#[derive(Default)]
pub struct Session {
    pub tally: Tally,
    database: Option<Database>,
    /// Installs the Python environments while cargo compiles.
    venv_install: Option<JoinHandle<Result<Duration>>>,
}

impl Session {
    fn database(&mut self) -> Result<String> {
        if self.database.is_none() {
            package::ensure()?;
            self.database = Some(step("start PostgreSQL", || Database::open(Durability::None))?);
        }
        self.database.as_ref().map(|database| database.url().to_owned()).ok_or_else(|| anyhow!("no database"))
    }

    fn wait_for_venvs(&mut self) -> Result<()> {
        let install = self.venv_install.take().unwrap_or_else(install_venvs);
        let took = step("wait for the Python environments", || join_install(install))?;
        println!("    installed in {:.1} s", took.as_secs_f64());
        Ok(())
    }

    /// Runs a cargo test command and counts its tests.
    fn test(&mut self, command: &mut Command) -> Result<()> {
        let (tally, success) = Tally::of_cargo(command)?;
        let failed = tally.failed();
        self.tally.add(tally);
        match (success, failed) {
            (true, _) => Ok(()),
            (false, 0) => bail!("cargo test failed, but no test did"),
            (false, _) => Err(TestsFailed.into()),
        }
    }

    /// Sets the variables that the test suites read.
    fn set_test_environment(&mut self, command: &mut Command) -> Result<()> {
        command.env(postgres::VARIABLE, self.database()?);
        command.env(chromium::VARIABLE, chromium::program()?);
        command.env("PROVOST_TEST_BIN", absolute(SERVER)?);
        command.env("PROVOST_TEST_VENVS", absolute(workspace::VENVS)?);
        Ok(())
    }
}

/// Cargo without incremental compilation, which takes a third of the disk and helps only after an edit. A target folder that already
/// has incremental data keeps it.
fn cargo() -> Command {
    let mut command = workspace::cargo();
    if !Path::new("target/debug/incremental").exists() && std::env::var_os("CARGO_INCREMENTAL").is_none() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

fn install_venvs() -> JoinHandle<Result<Duration>> {
    std::thread::spawn(|| {
        let start = Instant::now();
        python::CLIENTS.iter().try_for_each(python::Venv::ensure)?;
        Ok(start.elapsed())
    })
}

fn join_install(install: JoinHandle<Result<Duration>>) -> Result<Duration> {
    install.join().map_err(|_| anyhow!("installing the Python environments panicked"))?
}

fn setup(session: &mut Session) -> Result<()> {
    disk::warn_if_low()?;
    let packages = step("system packages", package::ensure);
    session.venv_install = Some(install_venvs());
    let node = step("node packages", node::ensure);
    let compiler = WasmCompiler::ensure();
    packages.and(node).and(namespace::ensure()).and(compiler.map(|_| ()))
}

fn fmt(_: &mut Session) -> Result<()> {
    process::run(cargo().args(["fmt", "--all", "--check"]))?;
    process::run(cargo().args(["fmt", "--manifest-path", XTASK_MANIFEST, "--check"]))
}

fn rules(session: &mut Session) -> Result<()> {
    let checked = step("rules", || dependency_rules::check(&WasmCompiler::ensure()?));
    let worded = step("texts", || texts::check(Path::new("")));
    let mut xtask_tests = cargo();
    xtask_tests.args(["test", "--manifest-path", XTASK_MANIFEST, "--target-dir", XTASK_TARGET]);
    session.test(&mut xtask_tests)?;
    checked.and(worded)
}

fn site(_: &mut Session) -> Result<()> {
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    budget::check()
}

fn clippy(_: &mut Session) -> Result<()> {
    fs::create_dir_all(site::FOLDER)?;
    let host = step("clippy for the host, and its tests", || process::run(host_tests(&Host::read()?).arg("--no-run")));
    let wasm = step("clippy for wasm", || clippy_wasm(&WasmCompiler::ensure()?));
    let xtask = step("clippy for xtask", || {
        let mut command = cargo();
        command.args(["clippy", "--manifest-path", XTASK_MANIFEST, "--target-dir", XTASK_TARGET, "--all-targets"]);
        lint(&mut command)
    });
    host.and(wasm).and(xtask)
}

/// Separate from the host's clippy: in one build, cargo would unify `ssr` and `hydrate`. In the site's profile, because the site's
/// build has then compiled the macros already.
fn clippy_wasm(compiler: &WasmCompiler) -> Result<()> {
    let mut command = cargo();
    command.args(["clippy", "-p", "frontend", "-p", "app", "-p", "ui", "-p", "model", "--features", "app/hydrate"]);
    command.args(["--target-dir", WASM_TARGET, "--profile", Profile::Release.name()]);
    match compiler {
        WasmCompiler::Host => command.args(["--target", WASM_TRIPLE]),
        // The fallback has no clippy, and the host's clippy cannot read its libraries: check for the host instead.
        WasmCompiler::Fallback(_) => &mut command,
    };
    lint(&mut command)
}

fn lint(command: &mut Command) -> Result<()> {
    process::run(command.args(["--", "-D", "warnings"]))
}

/// A test command for the packages of the host. Every phase names all of them, because cargo enables the features of the packages
/// together: with fewer packages it would compile shared dependencies and the server again.
///
/// Clippy is their compiler, so that they are not compiled once more to be linted.
fn host_tests(host: &Host) -> Command {
    let mut command = cargo();
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    // As cargo passes arguments to clippy: each ends with this word.
    command.env("CLIPPY_ARGS", "-Dwarnings__CLIPPY_HACKERY__");
    command.args(["test", "--no-fail-fast"]).args(host.packages());
    command
}

/// Builds the server as the host's tests have built it.
fn build_server() -> Result<()> {
    step("server", || process::run(host_tests(&Host::read()?).args(["--test", CLIENTS, "--no-run"])))
}

fn host(session: &mut Session) -> Result<()> {
    fs::create_dir_all(site::FOLDER)?;
    let host = Host::read()?;
    let mut command = host_tests(&host);
    command.args(host.tests_except(CLIENTS));
    session.set_test_environment(&mut command)?;
    session.test(&mut command)
}

fn clients(session: &mut Session) -> Result<()> {
    fs::create_dir_all(site::FOLDER)?;
    session.wait_for_venvs()?;
    let mut command = host_tests(&Host::read()?);
    command.args(["--test", CLIENTS]);
    session.set_test_environment(&mut command)?;
    session.test(&mut command)
}

fn browser(session: &mut Session) -> Result<()> {
    step("node packages", node::ensure)?;
    // Playwright strips types without checking them.
    step("types of the specs", || process::run(Command::new("node_modules/.bin/tsc").current_dir("end2end")))?;
    session.wait_for_venvs()?;
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    build_server()?;
    let report = absolute(PLAYWRIGHT_REPORT)?;
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut command = Command::new("node_modules/.bin/playwright");
    command.args(["test", "--reporter=list,json"]).current_dir("end2end").env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    session.set_test_environment(&mut command)?;
    let success = process::stream(&mut command, |_| ())?;
    let tally = Tally::of_playwright(&report)?;
    let failed = tally.failed();
    session.tally.add(tally);
    match (success, failed) {
        (true, 0) => Ok(()),
        (false, 0) => bail!("playwright failed, but no test did"),
        _ => Err(TestsFailed.into()),
    }
}

/// Checks the development build that is there: it embeds the same files as a release build, whose compilation would take a quarter
/// of the run. `cargo xtask prove` builds and checks the release.
fn binary(_: &mut Session) -> Result<()> {
    namespace::ensure()?;
    site::build(&WasmCompiler::ensure()?, Profile::Release)?;
    build_server()?;
    step("one file", || binary::check(SERVER)).map(drop)
}
