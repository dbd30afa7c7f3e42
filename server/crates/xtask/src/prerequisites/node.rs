//! Node and the packages of the browser tests.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

const OLDEST: u32 = 20;
const FOLDER: &str = "end2end";
const LOCK: &str = "end2end/package-lock.json";
/// A copy of the lockfile that the installed packages come from.
const STAMP: &str = "end2end/node_modules/.provost-lock";

/// Installs the packages of the lockfile unless they are already installed.
pub fn ensure() -> Result<()> {
    check_version()?;
    let lockfile = fs::read(LOCK).with_context(|| format!("cannot read {LOCK}"))?;
    if Path::new(STAMP).exists() && fs::read(STAMP)? == lockfile {
        return Ok(());
    }
    process::run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(FOLDER))?;
    fs::write(STAMP, lockfile).context("cannot mark the installed packages")
}

fn check_version() -> Result<()> {
    let Ok(text) = process::capture(Command::new("node").arg("--version")) else {
        bail!("the browser tests need Node {OLDEST} or newer with npm; there is no `node` on PATH");
    };
    match major(&text) {
        Some(major) if major >= OLDEST => Ok(()),
        _ => bail!("the browser tests need Node {OLDEST} or newer; `node` on PATH is {}", text.trim()),
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn major_version_is_parsed() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v9.0.0"), Some(9));
        assert_eq!(major("node"), None);
    }
}
