//! Indexes the names of new rows on SQLite, at a rate that leaves the writer thread to clients, and removes names of deleted rows. PostgreSQL
//! indexes names itself.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use control::{
    Cx, Result,
    name::{NAMED_TABLES, index, remove_unused},
};

use crate::service::{Report, Service};

/// See the module.
#[derive(Debug, Default)]
pub struct NameIndexer {
    /// The last name that was checked for being in use.
    checked: Mutex<Option<i64>>,
}

impl Service for NameIndexer {
    const NAME: &'static str = "name-indexer";
    const TITLE: &'static str = "Names";
    const DESCRIPTION: &'static str = "Indexes names so that a search finds partial matches";
    const COUNTS: (&'static str, &'static str) = ("name indexed or removed", "names indexed or removed");

    fn period(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// A tick reports no further work, so that the next one begins after the period.
    async fn tick(&self, cx: &Cx) -> Result<Report> {
        if !cx.db.is_embedded() {
            return Ok(Report::default());
        }
        let mut done = 0;
        for table in NAMED_TABLES {
            done += index(cx, table).await?;
        }
        let checked = *self.checked.lock().unwrap_or_else(PoisonError::into_inner);
        let next = remove_unused(cx, checked).await?;
        *self.checked.lock().unwrap_or_else(PoisonError::into_inner) = next.until;
        Ok(Report { done: done + next.removed, more: false })
    }
}
