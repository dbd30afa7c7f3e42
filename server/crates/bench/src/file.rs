//! Checks a SQLite database file. Must not know its tables.
#![expect(clippy::disallowed_types, reason = "a check of the product must not use the product's storage path")]

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rusqlite::{Connection, OpenFlags};

/// Runs SQLite's integrity check on the file.
pub fn check_integrity(path: &Path) -> Result<()> {
    // Not read-only: recovering the log of a copy without its shared-memory file needs write access.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(path, flags).with_context(|| format!("cannot open {}", path.display()))?;
    let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(verdict == "ok", "{}: {verdict}", path.display());
    Ok(())
}
