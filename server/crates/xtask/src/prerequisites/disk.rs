//! Free disk space for build output. Must not know what is built.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// What `cargo xtask test` writes on a machine without any build output, in GiB.
const NEEDED: u64 = 8;

/// Prints a warning if the disk may fill up during the run. Not an error: existing build output needs no new space.
pub fn warn_if_low() -> Result<()> {
    let free = free_kib()? >> 20;
    if free < NEEDED {
        println!("    this disk has {free} GiB free; a run without earlier build output takes {NEEDED}");
    }
    Ok(())
}

/// Free space of the disk that holds the working directory, in KiB.
fn free_kib() -> Result<u64> {
    let table = process::capture(Command::new("df").args(["-Pk", "."]))?;
    let column = table.lines().nth(1).and_then(|line| line.split_whitespace().nth(3));
    column.and_then(|text| text.parse().ok()).with_context(|| format!("unexpected output of df:\n{table}"))
}
