//! Room for what is built. Must not know what is built.

use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// What a run of everything from nothing writes, in GiB.
const NEEDED: u64 = 8;

/// Says at once what would else be found out after half of the run. No more than that: what is built already needs no room.
pub fn look() -> Result<()> {
    let free = free()? >> 20;
    if free < NEEDED {
        println!("    this disk has {free} GiB free; a run from nothing takes {NEEDED}");
    }
    Ok(())
}

/// Of the disk that this folder lies on, in KiB.
fn free() -> Result<u64> {
    let table = process::capture(Command::new("df").args(["-Pk", "."]))?;
    let column = table.lines().nth(1).and_then(|line| line.split_whitespace().nth(3));
    column.and_then(|text| text.parse().ok()).with_context(|| format!("df said:\n{table}"))
}
