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

/// Packages that the tests need, by their names in Debian.
const PACKAGES: &[Package] = &[
    Package { name: "postgresql", present: || postgres::is_external() || postgres::programs().is_ok() },
    Package { name: "chromium", present: || chromium::program().is_ok() },
    Package { name: "strace", present: || process::find("strace").is_some() },
    Package { name: "python3-venv", present: || !python::lacks_venv() },
];

/// Installs missing packages as root or with sudo; if neither works, the error contains the command to type.
pub fn ensure() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if process::find("apt-get").is_none() {
        bail!(
            "this system has no apt-get: install PostgreSQL (with initdb), Chromium, strace and Python's venv with its own package manager; missing, by Debian's names: {names}"
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

/// The command prefix that runs a command as root; `None` if there is none.
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
