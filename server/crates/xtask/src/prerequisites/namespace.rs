//! Leave to make a mount that nobody else sees: the test of a full disk has a small disk of its own.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

pub fn ensure() -> Result<()> {
    if process::succeeds(Command::new("unshare").args(["--map-root-user", "--mount", "true"])) {
        return Ok(());
    }
    bail!(
        "programs may make no mounts of their own here, which the test of a full disk needs. In a container, start it with \
         --cap-add SYS_ADMIN; elsewhere, type: su -c 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'"
    )
}
