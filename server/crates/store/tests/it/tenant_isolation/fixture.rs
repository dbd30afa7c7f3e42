//! The tables of workspaces, the rows of the original, and the twin's copies of them.

use std::{collections::BTreeMap, fmt::Write as _};

use model::id::WorkspaceId;
use store::{
    name::{NAMED_TABLES, NamedTable},
    testing::{RawConnection, describe},
    value::{Kind, Type, Value},
};
use testkit::{Backend, TestApp};

use crate::{populated, schema};

/// Tables that are not copied to the twin: memberships are what makes a tenant, audit entries belong to accounts, and the number of a workspace
/// must be unique.
const EXCLUDED: [&str; 3] = ["workspace_member", "audit", "name_space"];

/// What is added to the twin's numbers.
const SHIFT: i64 = 100_000_000_000_000_000;

/// A table of a workspace and its columns, without the workspace's id.
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<(String, Kind)>,
    schema: schema::Table,
}

/// A row, by the names of its columns.
pub struct Record {
    pub table: &'static str,
    values: BTreeMap<String, Value>,
}

impl Record {
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.values.get(column)
    }

    /// Any id in it.
    pub fn id(&self) -> Option<&Value> {
        self.values.values().find(|value| matches!(value, Value::Uuid(_)))
    }
}

pub struct WorkspaceFixture<'k> {
    app: &'k TestApp,
    pub original: WorkspaceId,
    pub twin: WorkspaceId,
    pub tables: Vec<Table>,
}

impl<'k> WorkspaceFixture<'k> {
    pub async fn of(app: &'k TestApp, original: WorkspaceId, twin: WorkspaceId) -> Self {
        let mut fixture = Self { app, original, twin, tables: Vec::new() };
        for schema in schema::tables(app.backend) {
            if schema.is_of_workspace() && !EXCLUDED.contains(&schema.name) {
                let columns = fixture.columns_of(&schema).await;
                fixture.tables.push(Table { name: schema.name, columns, schema });
            }
        }
        fixture
    }

    /// The names and kinds of a table's columns.
    async fn columns_of(&self, table: &schema::Table) -> Vec<(String, Kind)> {
        let text: &'static str = Box::leak(format!("SELECT * FROM {}", table.name).into_boxed_str());
        let described = describe(&self.app.location, text).await.unwrap();
        let names = described.columns.into_iter().map(|(name, _)| name).filter(|name| name != "workspace_id");
        let with_kind = |name: String| {
            let kind = table.kind_of(&name);
            (name, kind)
        };
        names.map(with_kind).collect()
    }

    /// The rows of the original.
    pub async fn rows(&self, connection: &mut RawConnection) -> Vec<Record> {
        let mut records = Vec::new();
        for table in &self.tables {
            let rows = table.select(connection, self.original).await;
            assert!(!rows.is_empty(), "the use cases write a row to the table {}", table.name);
            let names = || table.columns.iter().map(|(name, _)| name.clone());
            records
                .extend(rows.into_iter().map(|row| Record { table: table.name, values: names().zip(row).collect() }));
        }
        records
    }

    /// The rows of the twin as text.
    pub async fn dump(&self, connection: &mut RawConnection) -> String {
        let mut text = String::new();
        for table in &self.tables {
            for row in table.select(connection, self.twin).await {
                writeln!(text, "{} {row:?}", table.name).unwrap();
            }
        }
        text
    }

    /// Copies the rows to the twin, with other numbers, and returns its rows as text.
    pub async fn copy(&self, connection: &mut RawConnection) -> String {
        // A new workspace has the built-in block types, with other ids.
        let emptied = "DELETE FROM block_type WHERE workspace_id = $1";
        connection.touched(emptied, &[Type::Uuid], vec![Value::Uuid(self.twin.0)]).await.unwrap();
        for table in &self.tables {
            let text = table.copy();
            let values = vec![Value::Uuid(self.original.0), Value::Uuid(self.twin.0)];
            let copied = connection.touched(&text, &[Type::Uuid, Type::Uuid], values).await;
            copied.unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        self.index_names(connection).await;
        let rows = self.dump(connection).await;
        assert!(rows.lines().count() > 40, "the twin has only {} rows", rows.lines().count());
        rows
    }
}

impl WorkspaceFixture<'_> {
    /// Indexes the names of all rows but the last that the trials search for, so that they match rows of the twin on both sides of each mark.
    async fn index_names(&self, connection: &mut RawConnection) {
        populated::index_names(self.app).await;
        for NamedTable { table, column, .. } in NAMED_TABLES.iter().filter(|_| self.app.backend == Backend::Sqlite) {
            let last =
                format!("SELECT max(rowid) - 1 FROM {table} WHERE {column} LIKE '%child' OR {column} = 'report'");
            let row = format!("SELECT workspace_id, id FROM {table} WHERE rowid = ({last})");
            let moved = format!("UPDATE name_mark SET (marked_workspace, marked_id) = ({row}) WHERE noun = '{table}'");
            assert_eq!(connection.touched(&moved, &[], Vec::new()).await, Ok(1));
        }
    }
}

impl Table {
    pub async fn select(&self, connection: &mut RawConnection, workspace: WorkspaceId) -> Vec<Vec<Value>> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        let text = format!("SELECT {names} FROM {} WHERE workspace_id = $1 ORDER BY {names}", self.name);
        let kinds: Vec<Kind> = self.columns.iter().map(|(_, kind)| *kind).collect();
        let rows = connection.rows(&text, &[Type::Uuid], &kinds, vec![Value::Uuid(workspace.0)]).await;
        rows.unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// The statement that copies the rows of the workspace `$1` to `$2`. Numbers are shifted, but for those in the primary key.
    fn copy(&self) -> String {
        let stored = self.columns.iter().filter(|(name, _)| !self.schema.is_generated(name));
        let (names, values): (Vec<&str>, Vec<String>) = stored
            .map(|(name, kind)| {
                let is_shifted = kind.ty == Type::Big && !self.schema.primary_key().contains(&name.as_str());
                (name.as_str(), if is_shifted { format!("{name} + {SHIFT}") } else { name.clone() })
            })
            .unzip();
        let (table, names, values) = (self.name, names.join(", "), values.join(", "));
        format!("INSERT INTO {table} (workspace_id, {names}) SELECT $2, {values} FROM {table} WHERE workspace_id = $1")
    }
}
