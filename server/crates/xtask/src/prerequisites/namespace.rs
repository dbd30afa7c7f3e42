//! Permission to create a mount namespace: the test of a full disk mounts a small tmpfs that only its server sees.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

pub fn ensure() -> Result<()> {
    if process::succeeds(Command::new("unshare").args(["--map-root-user", "--mount", "true"])) {
        return Ok(());
    }
    bail!(
        "this system does not allow unprivileged mount namespaces, which the test of a full disk needs. In a container, start it with \
         --cap-add SYS_ADMIN; elsewhere, type: su -c 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'"
    )
}
