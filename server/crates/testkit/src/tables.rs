//! The number of rows of each table, for tests that a rejected request changes no table.

use std::collections::BTreeMap;

use store::{
    testing::RawConnection,
    value::{Column, Value},
};

use crate::{Backend, TestApp};

/// All tables of a test's database, except that of the replicas, which a background task writes some seconds after a request.
pub struct Tables {
    connection: RawConnection,
    names: Vec<String>,
    count: String,
}

impl Tables {
    /// Reads the names of the tables from the database.
    ///
    /// # Panics
    /// If that fails.
    pub async fn of(app: &TestApp) -> Self {
        let list = match app.backend {
            Backend::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'replica'"
            }
            Backend::Postgres => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'replica'"
            }
        };
        let mut connection = RawConnection::open(&app.location).await.expect("the test's database opens");
        let rows =
            connection.rows(list, &[], &[String::KIND], Vec::new()).await.expect("the database lists its tables");
        let mut names: Vec<String> =
            rows.into_iter().flatten().filter_map(|name| String::from_value(name).ok()).collect();
        names.sort_unstable();
        let counts: Vec<String> = names.iter().map(|name| format!("(SELECT count(*) FROM {name})")).collect();
        Self { connection, names, count: format!("SELECT {}", counts.join(", ")) }
    }

    /// The number of rows of each table.
    ///
    /// # Panics
    /// If the tables can't be counted.
    pub async fn counts(&mut self) -> BTreeMap<String, Value> {
        let kinds = vec![i64::KIND; self.names.len()];
        let rows = self.connection.rows(&self.count, &[], &kinds, Vec::new()).await.expect("tables can be counted");
        self.names.iter().cloned().zip(rows.into_iter().flatten()).collect()
    }
}
