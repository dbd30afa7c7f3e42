//! Indexes the names of new rows, by a part of which lists find them. Only SQLite needs it; PostgreSQL indexes names itself.

use store::{
    Read, Tx, Write,
    name::{DELETE_UNUSED_NAMES, INDEXED_NAMES, NamedTable},
    system::ServiceName,
};

pub use store::name::NAMED_TABLES;

use crate::{Cx, Error, Result};

/// The most rows of a batch, and the most characters of their names. Other writes wait for it.
const MAX_ROWS: i64 = 500;
/// The most rows of a batch after one that took too long, for example on a machine that is busy.
const FEW_ROWS: i64 = 50;
const MAX_CHARACTERS: i64 = 20_000;
/// How many names are checked at once.
const MAX_CHECKED: i64 = 100;

/// Indexes the names of the first rows of a table that are not indexed yet, and returns how many names are new.
///
/// # Errors
/// Only those of the database.
pub async fn index(cx: &Cx, table: &'static NamedTable) -> Result<u64> {
    let has_work = cx.db.read(HasUnindexed(table)).await?;
    if !has_work {
        return Ok(0);
    }
    match cx.db.write(IndexNames { table, max_rows: MAX_ROWS }).await {
        Err(Error::TooManyRequests { .. }) => cx.db.write(IndexNames { table, max_rows: FEW_ROWS }).await,
        outcome => outcome,
    }
}

struct HasUnindexed(&'static NamedTable);

impl Read for HasUnindexed {
    type Out = bool;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(!tx.system(ServiceName::NameIndexer).all(self.0.unindexed, (1,)).await?.is_empty())
    }
}

struct IndexNames {
    table: &'static NamedTable,
    max_rows: i64,
}

impl Write for IndexNames {
    type Out = u64;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let mut system = tx.system(ServiceName::NameIndexer);
        let mut characters = 0;
        let rows = system.all(self.table.unindexed, (self.max_rows,)).await?.into_iter();
        let batch = rows.take_while(|(_, length)| {
            characters += length;
            characters <= MAX_CHARACTERS
        });
        let Some((until, _)) = batch.last() else { return Ok(0) };
        system.run(self.table.insert_spaces, (until,)).await?;
        let inserted = system.run(self.table.insert_names, (until,)).await?;
        system.exactly_one(self.table.mark, (until,)).await?;
        Ok(inserted)
    }
}

/// What a check of names has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Checked {
    /// How many names were removed.
    pub removed: u64,
    /// After which name the next check goes on. None after the last one.
    pub until: Option<i64>,
}

/// Removes those of the next names that no row has any more.
///
/// # Errors
/// Only those of the database.
pub async fn remove_unused(cx: &Cx, after: Option<i64>) -> Result<Checked> {
    let after = after.unwrap_or_default();
    let names = cx.db.read(NextNames { after }).await?;
    let Some((until, _)) = names.last().copied() else { return Ok(Checked::default()) };
    let has_unused = names.iter().any(|(_, is_used)| !is_used);
    let removed = if has_unused { cx.db.write(RemoveUnused { after, until }).await? } else { 0 };
    Ok(Checked { removed, until: Some(until) })
}

struct NextNames {
    after: i64,
}

impl Read for NextNames {
    type Out = Vec<(i64, bool)>;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        Ok(tx.system(ServiceName::NameIndexer).all(&INDEXED_NAMES, (self.after, MAX_CHECKED)).await?)
    }
}

struct RemoveUnused {
    after: i64,
    until: i64,
}

impl Write for RemoveUnused {
    type Out = u64;
    type Error = Error;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        Ok(tx.system(ServiceName::NameIndexer).run(&DELETE_UNUSED_NAMES, (self.after, self.until)).await?)
    }
}
