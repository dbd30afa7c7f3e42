//! Programs that come from the system's package manager.

use std::io::IsTerminal;
use std::process::Command;

use anyhow::{Result, bail};

use super::{chromium, postgres, python};
use crate::process;
use crate::progress::step;

struct Package {
    name: &'static str,
    present: fn() -> bool,
}

/// What the tests take from the system, by Debian's names.
const PACKAGES: &[Package] = &[
    Package { name: "postgresql", present: || postgres::is_given() || postgres::programs().is_ok() },
    Package { name: "chromium", present: || chromium::program().is_ok() },
    Package { name: "strace", present: || process::find("strace").is_some() },
    Package { name: "python3-venv", present: || !python::lacks_venv() },
];

/// Installs what is missing: as root, by sudo, or not at all, and then says what to type.
pub fn ensure() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if process::find("apt-get").is_none() {
        bail!(
            "this system has no apt-get: install what gives PostgreSQL (with initdb), Chromium, strace and Python's venv by its own means; missing, by Debian's names: {names}"
        );
    }
    let Some(prefix) = privilege() else {
        bail!(
            "{names} missing, and installing needs root. Type: \
             su -c 'apt-get update && apt-get install -y --no-install-recommends {names}'"
        );
    };
    step(&format!("install {names}"), || install(&prefix, &missing))?;
    match self::missing().as_slice() {
        [] => Ok(()),
        still => bail!("still missing after their installation: {}", still.join(" ")),
    }
}

fn missing() -> Vec<&'static str> {
    PACKAGES.iter().filter(|package| !(package.present)()).map(|package| package.name).collect()
}

fn install(prefix: &[&str], names: &[&str]) -> Result<()> {
    process::run(apt(prefix).args(["update", "-qq"]))?;
    process::run(apt(prefix).args(["install", "-y", "-qq", "--no-install-recommends"]).args(names))
}

fn apt(prefix: &[&str]) -> Command {
    // `env`, since sudo drops variables.
    let mut words = prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = Command::new(words.next().unwrap_or("env"));
    command.args(words);
    command
}

/// The words before a command that make it run as root, if there is a way.
fn privilege() -> Option<Vec<&'static str>> {
    if process::is_root() {
        return Some(vec![]);
    }
    process::find("sudo")?;
    if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        return Some(vec!["sudo", "-n"]);
    }
    std::io::stdin().is_terminal().then(|| vec!["sudo"])
}
