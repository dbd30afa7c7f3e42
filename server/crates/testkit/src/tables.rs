//! How many rows lie where: whoever refuses a request must have left all tables as they were.

use std::collections::BTreeMap;

use store::{
    probe::Probe,
    value::{Column, Value},
};

use crate::{Backend, Kit};

/// All tables of a test's database.
pub struct Tables {
    probe: Probe,
    names: Vec<String>,
    count: String,
}

impl Tables {
    /// As the database itself names them.
    ///
    /// # Panics
    /// If it does not.
    pub async fn of(kit: &Kit) -> Self {
        let list = match kit.backend {
            Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
            Backend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
        };
        let mut probe = Probe::open(&kit.location).await.expect("a test's database opens twice");
        let rows = probe.rows(list, &[], &[String::KIND], Vec::new()).await.expect("a database knows its tables");
        let mut names: Vec<String> = rows.into_iter().flatten().filter_map(|name| String::take(name).ok()).collect();
        names.sort_unstable();
        let counts: Vec<String> = names.iter().map(|name| format!("(SELECT count(*) FROM {name})")).collect();
        Self { probe, names, count: format!("SELECT {}", counts.join(", ")) }
    }

    /// The rows of each table.
    ///
    /// # Panics
    /// If they can't be counted.
    pub async fn counts(&mut self) -> BTreeMap<String, Value> {
        let kinds = vec![i64::KIND; self.names.len()];
        let rows = self.probe.rows(&self.count, &[], &kinds, Vec::new()).await.expect("tables can be counted");
        self.names.iter().cloned().zip(rows.into_iter().flatten()).collect()
    }
}
