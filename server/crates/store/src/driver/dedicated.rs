//! A connection of its own, outside the queues and their limits.

use std::time::Duration;

use super::{Link, Postgres, Sqlite};
use crate::{error::Result, limits::Location};

/// Dropping it closes the connection and rolls an open transaction back.
pub(crate) enum DedicatedConnection {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

impl DedicatedConnection {
    /// Opens a connection. `lock_wait` is how long it waits for other processes that have locked an SQLite file.
    pub(crate) async fn open(location: &Location, lock_wait: Duration) -> Result<Self> {
        Ok(match location {
            Location::File(path) => Self::Sqlite(Box::new(Sqlite::writer(path, "FULL", lock_wait)?)),
            Location::Postgres(url) => Self::Postgres(Box::new(Postgres::connect(url, None).await?)),
        })
    }

    /// The link for a transaction.
    pub(crate) fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(sqlite) => Link::Sqlite(sqlite),
            Self::Postgres(postgres) => postgres.link(),
        }
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.begin_immediate(),
            Self::Postgres(postgres) => postgres.command("BEGIN").await,
        }
    }

    /// Runs a statement without parameters.
    pub(crate) async fn command(&mut self, text: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.command(text),
            Self::Postgres(postgres) => postgres.command(text).await,
        }
    }
}
