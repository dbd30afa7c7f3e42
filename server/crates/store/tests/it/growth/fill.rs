//! Inserts the rows that `rows` describes: one statement for each table of a workspace.

use std::collections::BTreeMap;

use model::id::WorkspaceId;
use store::{
    testing::RawConnection,
    value::{Kind, Type, Value},
};
use testkit::{Backend, TestApp};

use super::{
    rows::{FEW, Rows, SHUFFLE, START, Shape, sizes},
    tables,
};

/// Inserts the rows of all workspaces. Indexes are built afterwards, which takes a fraction of the time.
pub async fn fill(app: &TestApp, connection: &mut RawConnection, workspaces: &BTreeMap<Rows, WorkspaceId>) {
    let indexes = secondary_indexes(app.backend, connection).await;
    for (name, _) in &indexes {
        execute(connection, &format!("DROP INDEX {name}"), &[]).await;
    }
    let numbers = format!(
        "INSERT INTO numbers WITH RECURSIVE counted (n) AS
            (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM counted WHERE n < {}) SELECT n FROM counted",
        sizes()[1]
    );
    for statement in ["CREATE TEMPORARY TABLE numbers (n BIGINT PRIMARY KEY)", &numbers] {
        execute(connection, statement, &[]).await;
    }
    for shape in Shape::ALL {
        let sizes = sizes().map(|count| Rows { shape, count });
        let ids = sizes.map(|rows| Value::Uuid(workspaces[&rows].0));
        let [small, large] = sizes.map(|rows| tables::inserts(Dialect { backend: app.backend, rows }));
        for (small, large) in small.iter().zip(&large) {
            execute(connection, &small.interleaved(large), &ids).await;
        }
    }
    for (_, definition) in &indexes {
        execute(connection, definition, &[]).await;
    }
    if app.backend == Backend::Postgres {
        connection.command("VACUUM ANALYZE").await.unwrap();
    }
}

async fn execute(connection: &mut RawConnection, statement: &str, workspaces: &[Value]) {
    let types = vec![Type::Uuid; workspaces.len()];
    let done = connection.touched(statement, &types, workspaces.to_vec()).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// The indexes that do not belong to a constraint, with their definitions.
async fn secondary_indexes(backend: Backend, connection: &mut RawConnection) -> Vec<(String, String)> {
    let list = match backend {
        Backend::Sqlite => "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        Backend::Postgres => {
            "SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
             AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)"
        }
    };
    let rows = connection.rows(list, &[], &[Kind::of(Type::Text); 2], Vec::new()).await.unwrap();
    rows.into_iter().map(|row| <[Value; 2]>::try_from(row).unwrap()).map(|row| row.map(text)).map(Into::into).collect()
}

fn text(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        other => panic!("{other:?} is no text"),
    }
}

/// Writes the expressions of SQL that depend on the database and on the workspace. `n` is the number of a row.
#[derive(Clone, Copy)]
pub struct Dialect {
    backend: Backend,
    pub rows: Rows,
}

impl Dialect {
    /// The id of the row whose number the expression yields.
    pub fn id(self, number: &str) -> String {
        // Sixteen decimal digits are hexadecimal digits too.
        let digits = format!("'{}' || substr(CAST(10000000000000000 + {number} AS TEXT), 2)", self.rows.id_prefix());
        match self.backend {
            Backend::Sqlite => format!("unhex({digits})"),
            Backend::Postgres => format!("CAST({digits} AS UUID)"),
        }
    }

    /// The id of the object that a row refers to.
    pub fn reference(self) -> String {
        match self.rows.shape {
            Shape::Paired => self.id("n"),
            _ => self.group(&self.id("1"), &self.id("2")),
        }
    }

    /// One value for the few rows, another for the others.
    pub fn group(self, few: &str, common: &str) -> String {
        format!("CASE WHEN n % {} = 2 THEN {few} ELSE {common} END", self.rows.step())
    }

    /// The value, or NULL in the rows that have none.
    pub fn nullable(self, value: &str) -> String {
        format!("CASE WHEN {} THEN {value} END", self.present(self.rows.shape))
    }

    /// The value in the subflow runs.
    pub fn in_subflow_runs(self, value: &str) -> String {
        format!("CASE WHEN {} THEN {value} END", self.is_subflow_run())
    }

    /// Whether the flow run with this number is a subflow run, which the task run with this number represents. Usually they are few.
    pub fn is_subflow_run(self) -> String {
        self.present(match self.rows.shape {
            Shape::Paired => Shape::Sparse,
            Shape::Sparse => Shape::Paired,
            other => other,
        })
    }

    /// Whether a row has a value.
    pub fn present(self, shape: Shape) -> String {
        let step = self.rows.step();
        match shape {
            Shape::Paired => "1 = 1".to_owned(),
            Shape::Grouped => format!("n % {step} <> 4"),
            Shape::Sparse => format!("n % {step} = 2"),
            Shape::Blank => "1 = 0".to_owned(),
        }
    }

    fn shuffled(self) -> String {
        format!("n * {SHUFFLE} % {}", self.rows.count)
    }

    /// A name of its own for each row, in an order of its own.
    pub fn name(self, noun: &str) -> String {
        let group = self.group("'few'", "'common'");
        format!("'{noun}-' || substr(CAST(1000000 + {} AS TEXT), 2) || '-' || {group}", self.shuffled())
    }

    /// The same name for all rows of a workspace without values.
    pub fn repeated_name(self, noun: &str) -> String {
        if self.rows.shape == Shape::Blank { format!("'{noun}-same'") } else { self.name(noun) }
    }

    pub fn time(self) -> String {
        format!("{START} + n * 1000000")
    }

    /// A time in another order than [`Dialect::time`].
    pub fn shuffled_time(self) -> String {
        format!("{START} + {} * 1000000", self.shuffled())
    }

    /// One value for the first rows, another for the last, a third for those between.
    pub fn ends(self) -> String {
        let from = self.rows.count - FEW;
        format!("CASE WHEN n <= {FEW} THEN 'first' WHEN n > {from} THEN 'last' ELSE 'middle' END")
    }

    /// Inserts a row for each number that fulfils the condition.
    pub fn insert(self, table: &str, condition: &str, columns: &[(&str, &str)]) -> Insert {
        let values = columns.iter().map(|(name, value)| format!("{value} AS {name}")).collect::<Vec<_>>().join(", ");
        let count = self.rows.count;
        let place = format!("n * {} AS place", sizes()[1] / count);
        Insert {
            table: table.to_owned(),
            columns: columns.iter().map(|(name, _)| format!(", {name}")).collect(),
            rows: format!("AS workspace_id, {values}, {place} FROM numbers WHERE n <= {count} AND {condition}"),
        }
    }
}

/// The rows of one table in one workspace.
pub struct Insert {
    table: String,
    columns: String,
    rows: String,
}

impl Insert {
    /// Inserts the rows of two workspaces in the order of their times, as if both were used in the same weeks. So no workspace has its rows
    /// on pages of its own.
    fn interleaved(&self, other: &Self) -> String {
        let Self { table, columns, rows } = self;
        let all = format!("SELECT $1 {rows} UNION ALL SELECT $2 {}", other.rows);
        format!(
            "INSERT INTO {table} (workspace_id{columns}) SELECT workspace_id{columns} FROM ({all}) AS filled ORDER BY place"
        )
    }
}
