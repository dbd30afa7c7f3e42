//! The only module that names a driver: sends statements and values to SQLite (rusqlite) and PostgreSQL (sqlx), and reads their rows.
//!
//! SQLite's futures never wait: the thread that owns the connection polls them once.
#![expect(clippy::disallowed_types, reason = "this module may use the drivers")]

mod dedicated;
mod listener;
mod postgres;
mod sqlite;
pub(crate) mod testing;

use crate::{
    error::Result,
    value::{Column, Kind, Type, Value},
};

pub(crate) use dedicated::DedicatedConnection;
pub(crate) use listener::Listener;
pub(crate) use postgres::{Postgres, PostgresReaders};
pub(crate) use sqlite::Sqlite;

/// The text of a statement, and whether its prepared statement is cached.
pub(crate) enum Text {
    /// Cached.
    Static(&'static str),
    /// Cached; its many parameters are numbered in the order in which they appear.
    Bulk(&'static str),
    /// Built for this call and not cached, because there are too many such texts.
    Built(String),
}

/// What a database reports about a prepared statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// The types of the parameters; None on SQLite, which only counts them.
    pub params: Vec<Option<String>>,
    /// The names of the row's columns, and on PostgreSQL their types.
    pub columns: Vec<(String, Option<String>)>,
}

/// An open connection inside a transaction.
pub(crate) enum Link<'c> {
    Sqlite(&'c mut Sqlite),
    Postgres(&'c mut sqlx::PgConnection),
}

impl Link<'_> {
    /// The same link, borrowed for a shorter time.
    pub(crate) fn reborrow(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(sqlite) => Link::Sqlite(sqlite),
            Self::Postgres(postgres) => Link::Postgres(postgres),
        }
    }

    /// Runs a statement and reads each of its rows by `read`.
    pub(crate) async fn rows<R>(
        &mut self,
        text: Text,
        kinds: &[Type],
        values: Vec<Value>,
        read: fn(&mut Cells<'_>) -> Result<R>,
    ) -> Result<Vec<R>> {
        match self {
            Self::Sqlite(sqlite) => sqlite.rows(&text, &values, read),
            Self::Postgres(postgres) => {
                let rows = postgres::rows(postgres, text, kinds, values).await?;
                rows.iter().map(|row| read(&mut Cells::of(Source::Postgres(row)))).collect()
            }
        }
    }

    /// Runs a statement and returns how many rows it touched.
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
    /// If the row has no further cell, or its value is not valid for `T`.
    pub fn read<T: Column>(&mut self) -> Result<T> {
        T::from_value(self.value(T::KIND)?)
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
