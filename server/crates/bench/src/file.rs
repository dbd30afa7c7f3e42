//! An embedded database, looked at from outside. Must not know its tables.
#![expect(clippy::disallowed_types, reason = "whoever checks the product must not do it by the product's own path")]

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rusqlite::{Connection, OpenFlags};

/// The file is whole, by the judgement of SQLite itself.
pub fn check(path: &Path) -> Result<()> {
    // Not read-only: a copy without its shared memory takes a writer to recover its log.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(path, flags).with_context(|| format!("cannot open {}", path.display()))?;
    let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(verdict == "ok", "{}: {verdict}", path.display());
    Ok(())
}
