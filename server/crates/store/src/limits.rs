//! Which database is opened, and the limits of time and number for reads and writes.

use std::{fmt, num::NonZeroUsize, path::PathBuf, time::Duration};

/// Which database to open.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL URL, with its password.
    Postgres(String),
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

/// Limits of time and number for reads and writes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Writes that share one commit on SQLite, at most.
    pub batch_writes: usize,
    /// How long a batch collects writes, at most.
    pub batch_time: Duration,
    /// How long one write may take on SQLite, all its runs together. All queued writes wait for it.
    pub sqlite_write: Duration,
    /// How long one write may take on PostgreSQL, all its runs together.
    pub postgres_write: Duration,
    /// How long one read may take.
    pub read: Duration,
    /// How long SQLite waits for another process that has locked the file: a server and an administration command may run at the same time.
    pub lock_wait: Duration,
    /// How long a read waits for a free PostgreSQL connection, and a [`ScopedDb::select`](crate::db::ScopedDb::select) for its permit.
    pub reader_wait: Duration,
    /// Length of the queue of reads, and of that of writes. When it is full, the call fails as [`Error::Overloaded`](crate::Error::Overloaded).
    pub queue: usize,
    /// Reader threads on SQLite.
    pub sqlite_readers: NonZeroUsize,
    /// Reader connections on PostgreSQL.
    pub postgres_readers: NonZeroUsize,
    /// Writer connections on PostgreSQL.
    pub postgres_writers: NonZeroUsize,
    /// When a commit is acknowledged on SQLite.
    pub durability: Durability,
}

/// When a commit is acknowledged on SQLite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// After the sync: an acknowledged write survives a loss of power.
    Full,
    /// Before the sync. Only for tests which prove that a missing sync is detected.
    Normal,
}

impl Default for Limits {
    fn default() -> Self {
        const fn count(n: usize) -> NonZeroUsize {
            NonZeroUsize::new(n).expect("not zero")
        }
        Self {
            batch_writes: 128,
            batch_time: Duration::from_millis(20),
            sqlite_write: Duration::from_millis(250),
            postgres_write: Duration::from_secs(2),
            read: Duration::from_secs(10),
            lock_wait: Duration::from_secs(5),
            reader_wait: Duration::from_secs(5),
            queue: 1024,
            sqlite_readers: count(4),
            postgres_readers: count(8),
            postgres_writers: count(16),
            durability: Durability::Full,
        }
    }
}
