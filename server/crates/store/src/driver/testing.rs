//! What the databases say about a statement: for tests of the storage path alone, see [`probe`](crate::probe).

use super::{Cells, Link, Own, Postgres, Source, Sqlite, Text, postgres};
use crate::{
    db::{Limits, Location},
    error::Result,
    value::{Kind, Type, Value},
};

/// How a database understands a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Described {
    /// The types of the parameters, or None where the database only counts them.
    pub params: Vec<Option<String>>,
    /// The names of the row's columns, and their types where the database tells.
    pub columns: Vec<(String, Option<String>)>,
}

/// Prepares `text` on the database at `location`; nothing is run.
///
/// # Errors
/// What the database says against it.
pub async fn describe(location: &Location, text: &'static str) -> Result<Described> {
    match location {
        Location::File(path) => Sqlite::reader(path, Limits::default().lock_wait)?.describe(text),
        Location::Postgres(url) => Postgres::connect(url, None).await?.describe(text).await,
    }
}

/// A connection of its own, for tries that leave nothing behind.
pub struct Probe(Own);

impl Probe {
    /// Opens one.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn open(location: &Location) -> Result<Self> {
        Own::open(location, Limits::default().lock_wait).await.map(Self)
    }

    /// Runs a statement without parameters, such as BEGIN.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn command(&mut self, text: &'static str) -> Result<()> {
        self.0.command(text).await
    }

    /// Runs a statement that yields rows of these kinds.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn rows(
        &mut self,
        text: &str,
        params: &[Type],
        row: &[Kind],
        values: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>> {
        let text = Text::Built(text.to_owned());
        match self.0.link() {
            Link::Sqlite(sqlite) => sqlite.rows(&text, &values, |cells| cells.values(row)),
            Link::Postgres(connection) => {
                let rows = postgres::rows(connection, text, params, values).await?;
                rows.iter().map(|found| Cells::of(Source::Postgres(found)).values(row)).collect()
            }
        }
    }

    /// Runs a statement that yields no rows; how many it touched.
    ///
    /// # Errors
    /// What the database says against it.
    pub async fn touched(&mut self, text: &str, params: &[Type], values: Vec<Value>) -> Result<u64> {
        self.0.link().touched(Text::Built(text.to_owned()), params, values).await
    }
}
