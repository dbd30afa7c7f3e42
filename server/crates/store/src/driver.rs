//! The one place that names a driver: how statements and values reach SQLite (rusqlite) and PostgreSQL (sqlx), and how rows come back.
//!
//! Futures of the SQLite side are ready at once; whoever owns the connection's thread polls them.
#![expect(clippy::disallowed_types, reason = "these are the files that may name them")]

mod own;
mod postgres;
pub(crate) mod probe;
mod sqlite;

use crate::{
    error::Result,
    row::Row,
    value::{Column, Kind, Type, Value},
};

pub(crate) use own::Own;
pub(crate) use postgres::{Postgres, PostgresReaders};
pub(crate) use sqlite::Sqlite;

/// A text that is prepared once and kept, or one that was built for this call and is not: such texts are too many to keep.
pub(crate) enum Text {
    Kept(&'static str),
    /// Kept, with its many parameters numbered in the order in which they appear.
    Bulk(&'static str),
    Built(String),
}

/// An open connection inside a transaction.
pub(crate) enum Link<'c> {
    Sqlite(&'c mut Sqlite),
    Postgres(&'c mut sqlx::PgConnection),
}

impl Link<'_> {
    /// Runs a statement and reads its rows.
    pub(crate) async fn rows<R: Row>(&mut self, text: Text, kinds: &[Type], values: Vec<Value>) -> Result<Vec<R>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.rows(&text, &values, R::take),
            Self::Postgres(postgres) => {
                let rows = postgres::rows(postgres, text, kinds, values).await?;
                rows.iter().map(|row| R::take(&mut Cells::of(Source::Postgres(row)))).collect()
            }
        }
    }

    /// Runs a statement and tells how many rows it touched.
    pub(crate) async fn touched(&mut self, text: Text, kinds: &[Type], values: Vec<Value>) -> Result<u64> {
        match self {
            Self::Sqlite(sqlite) => sqlite.touched(&text, &values),
            Self::Postgres(postgres) => postgres::touched(postgres, text, kinds, values).await,
        }
    }

    /// Runs a script of several statements without parameters (migrations).
    pub(crate) async fn script(&mut self, text: &str) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.script(text),
            Self::Postgres(postgres) => postgres::script(postgres, text).await,
        }
    }
}

/// The cells of a row, read from left to right.
pub struct Cells<'r> {
    source: Source<'r>,
    at: usize,
}

enum Source<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r sqlx::postgres::PgRow),
}

impl<'r> Cells<'r> {
    fn of(source: Source<'r>) -> Self {
        Self { source, at: 0 }
    }

    /// The next cell as a `T`.
    ///
    /// # Errors
    /// If the row has no further cell or the cell holds something else.
    pub fn read<T: Column>(&mut self) -> Result<T> {
        T::take(self.value(T::KIND)?)
    }

    fn values(&mut self, kinds: &[Kind]) -> Result<Vec<Value>> {
        kinds.iter().map(|kind| self.value(*kind)).collect()
    }

    fn value(&mut self, kind: Kind) -> Result<Value> {
        let at = self.at;
        self.at += 1;
        match self.source {
            Source::Sqlite(row) => sqlite::cell(row, at, kind),
            Source::Postgres(row) => postgres::cell(row, at, kind),
        }
    }
}
