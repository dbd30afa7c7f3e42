//! Python and one virtual environment for each pinned Prefect client, and for the reference server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::VENVS;

/// The variable that names the interpreter by hand.
const VARIABLE: &str = "PROVOST_TEST_PYTHON";
const NAMES: &[&str] = &["python3", "python3.12", "python3.11", "python3.10", "python3.9"];
/// Prefect 2.0.4 and its old dependencies run on these (minor versions of Python 3, the last one excluded).
const MINORS: std::ops::Range<u32> = 9..13;

/// One environment: its folder's name and what pip puts there.
pub struct Venv {
    pub name: &'static str,
    requirements: &'static str,
}

/// The three clients that the tests run.
pub const CLIENTS: &[Venv] = &[
    Venv { name: "3.8.8", requirements: include_str!("../../requirements/3.8.8.txt") },
    Venv { name: "2.20.26", requirements: include_str!("../../requirements/2.20.26.txt") },
    Venv { name: "2.0.4", requirements: include_str!("../../requirements/2.0.4.txt") },
];

/// The server that ours is compared with.
pub const REFERENCE: Venv = Venv { name: "reference", requirements: include_str!("../../requirements/reference.txt") };

/// The newest client, which only the longer proofs run.
pub const NEWEST: Venv = Venv { name: "3.9.1", requirements: include_str!("../../requirements/3.9.1.txt") };

impl Venv {
    fn folder(&self) -> PathBuf {
        Path::new(VENVS).join(self.name)
    }

    /// Written last: without it, or with other requirements in it, the folder is made anew.
    fn stamp(&self) -> PathBuf {
        self.folder().join("requirements.txt")
    }

    fn is_there(&self) -> bool {
        let made_from = fs::read_to_string(self.stamp());
        made_from.is_ok_and(|text| text == self.requirements) && self.folder().join("bin/prefect").exists()
    }

    /// Makes the environment unless it is there, silently: this may run beside a compilation.
    pub fn ensure(&self) -> Result<()> {
        if self.is_there() {
            return Ok(());
        }
        let folder = self.folder();
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        process::capture(Command::new(interpreter()?).args(["-m", "venv"]).arg(&folder))?;
        let list = folder.join("wanted.txt");
        fs::write(&list, self.requirements)?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&list);
        process::capture(&mut pip).with_context(|| format!("cannot fill {}", folder.display()))?;
        fs::rename(list, self.stamp()).context("cannot mark the environment as made")
    }
}

/// A Python that every client runs on.
pub fn interpreter() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return Ok(PathBuf::from(named));
    }
    let found: Vec<_> = NAMES.iter().filter_map(|name| Some((*name, minor(name)?))).collect();
    if let Some((name, _)) = found.iter().find(|(_, minor)| MINORS.contains(minor)) {
        return Ok(PathBuf::from(name));
    }
    let seen: Vec<_> = found.iter().map(|(name, minor)| format!("{name} is 3.{minor}")).collect();
    let seen = if seen.is_empty() { "there is none on PATH".to_owned() } else { seen.join(", ") };
    bail!("the client tests need Python 3.9 to 3.12, which the oldest client runs on; {seen}. {VARIABLE} can name one")
}

fn minor(program: &str) -> Option<u32> {
    let script = "import sys; print(sys.version_info.minor if sys.version_info.major == 3 else '')";
    process::capture(Command::new(program).args(["-c", script])).ok()?.trim().parse().ok()
}

/// Debian keeps half of `venv` in a package of its own. A Python of the wrong version is not for that package to mend:
/// making an environment names it.
pub fn lacks_venv() -> bool {
    match interpreter() {
        Ok(python) => !process::succeeds(Command::new(python).args(["-c", "import ensurepip, venv"])),
        Err(_) => NAMES.iter().all(|name| process::find(name).is_none()),
    }
}
