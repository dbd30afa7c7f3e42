//! The isolation of workspaces, tested on every statement of the program.
//!
//! The use cases populate one workspace, the original. The test runs every scoped statement in it, with values from its rows, and records
//! the outcomes. Then a second workspace, the twin, gets the same rows with the *same ids* (the primary keys allow it) and other numbers, and
//! the test runs every statement again: each outcome must be the same, and no row of the twin may change. Last comes a mutation test: each
//! comparison with a workspace is removed from each statement in turn, and the test must detect that.

mod mutants;
mod select_trials;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use model::id::WorkspaceId;
use store::{
    statement::STATEMENTS,
    testing::{RawConnection, describe},
    value::{Kind, Type, Value},
};
use testkit::TestApp;

use crate::{populated, schema};

/// A table of a workspace and its columns, without the workspace's id.
struct Table {
    name: &'static str,
    columns: Vec<(String, Kind)>,
}

/// Tables that are not copied to the twin: memberships are what makes a tenant, and audit entries belong to accounts.
const EXCLUDED: [&str; 2] = ["workspace_member", "audit"];

/// Columns whose numbers are the same in the twin: parts of keys, and columns with a CHECK.
const UNCHANGED: [&str; 3] = ["grain", "bucket", "slot"];

/// What is added to the twin's numbers.
const SHIFT: i64 = 100_000_000_000_000_000;

testkit::on_both! {
    async fn no_statement_reads_or_writes_another_workspace(app: TestApp) {
        let (original, twin) = populated::two_workspaces(&app).await;
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        let mut fixture = WorkspaceFixture { app: &app, tables: Vec::new() };
        fixture.load_tables().await;
        let rows = fixture.rows(&mut connection, original).await;
        let mut trials = fixture.trials(original, &rows);
        trials.extend(select_trials::trials(app.cx.db.is_embedded(), original, &rows));
        let mut before = BTreeMap::new();
        for trial in &trials {
            before.insert(trial.label(), trial.run(&mut connection).await);
        }
        fixture.copy(&mut connection, original, twin).await;
        let twin_rows = fixture.dump(&mut connection, twin).await;
        assert!(twin_rows.lines().count() > 40, "the twin has only {} rows", twin_rows.lines().count());
        let mut differences = Vec::new();
        for trial in &trials {
            let after = trial.run_and_check_twin(&mut connection, &fixture, twin, &twin_rows).await;
            if after.as_ref() != Ok(&before[&trial.label()]) {
                differences.push(format!("{}: {:?} before the twin, {after:?} after", trial.label(), before[&trial.label()]));
            }
        }
        differences.truncate(5);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        assert_eq!(without_rows(&trials, &before), Vec::<&str>::new(), "each statement must find a row at least once");
        let mutants = mutants::mutants(&trials);
        assert!(mutants.len() > 60, "only {} comparisons of workspaces were found", mutants.len());
        let mut missed = Vec::new();
        for (name, mutant) in mutants {
            if !mutants::is_detected(&mutant, &before, &mut connection, &fixture, (original, twin), &twin_rows).await {
                missed.push(format!("{name}: {}", mutant[0].text));
            }
        }
        assert_eq!(missed, Vec::<String>::new(), "a statement that does not compare its workspace must be detected");
    }
}

/// Statements that found no row in any trial, for which the test would prove nothing. Except INSERT, whose trials use existing rows.
fn without_rows<'t>(trials: &'t [Trial], outcomes: &BTreeMap<String, Outcome>) -> Vec<&'t str> {
    let found: BTreeSet<&str> =
        trials.iter().filter(|trial| outcomes[&trial.label()].found_a_row()).map(|trial| trial.name.as_str()).collect();
    let tried: BTreeSet<&str> = trials.iter().map(|trial| trial.name.as_str()).collect();
    let inserts = |name: &&str| name.contains("::INSERT");
    tried.difference(&found).copied().filter(|name| !inserts(name)).collect()
}

struct WorkspaceFixture<'k> {
    app: &'k TestApp,
    tables: Vec<Table>,
}

type Record = BTreeMap<String, Value>;

impl WorkspaceFixture<'_> {
    async fn load_tables(&mut self) {
        for table in schema::tables().iter().filter(|table| table.is_of_workspace() && !EXCLUDED.contains(&table.name))
        {
            self.tables.push(Table { name: table.name, columns: columns_of(*table, self.app).await });
        }
    }

    async fn rows(&self, connection: &mut RawConnection, workspace: WorkspaceId) -> Vec<Record> {
        let mut records = Vec::new();
        for table in &self.tables {
            let rows = select(connection, table, workspace).await;
            assert!(!rows.is_empty(), "the use cases write a row to the table {}", table.name);
            let names = || table.columns.iter().map(|(name, _)| name.clone());
            records.extend(rows.into_iter().map(|row| names().zip(row).collect::<Record>()));
        }
        records
    }

    async fn dump(&self, connection: &mut RawConnection, workspace: WorkspaceId) -> String {
        let mut text = String::new();
        for table in &self.tables {
            for row in select(connection, table, workspace).await {
                writeln!(text, "{} {row:?}", table.name).unwrap();
            }
        }
        text
    }

    /// Copies the rows to another workspace, with other numbers.
    async fn copy(&self, connection: &mut RawConnection, from: WorkspaceId, to: WorkspaceId) {
        // A new workspace has the built-in block types, with other ids.
        let emptied = "DELETE FROM block_type WHERE workspace_id = $1";
        connection.touched(emptied, &[Type::Uuid], vec![Value::Uuid(to.0)]).await.unwrap();
        for table in &self.tables {
            let names: Vec<&str> =
                table.columns.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "sort_time").collect();
            let values = names.iter().map(|name| {
                let is_number = table.columns.iter().any(|(column, kind)| column == name && kind.ty == Type::Big);
                if is_number && !UNCHANGED.contains(name) { format!("{name} + {SHIFT}") } else { (*name).to_owned() }
            });
            let text = format!(
                "INSERT INTO {} (workspace_id, {}) SELECT $2, {} FROM {} WHERE workspace_id = $1",
                table.name,
                names.join(", "),
                values.collect::<Vec<_>>().join(", "),
                table.name,
            );
            let values = vec![Value::Uuid(from.0), Value::Uuid(to.0)];
            connection
                .touched(&text, &[Type::Uuid, Type::Uuid], values)
                .await
                .unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    /// For each statement, a trial with the values of each row.
    fn trials(&self, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
        let mut trials = Vec::new();
        for entry in STATEMENTS.iter().filter(|entry| entry.scope == "scoped") {
            let text = if self.app.cx.db.is_embedded() { (entry.sqlite)() } else { (entry.postgres)() };
            let hints = hints(text);
            let params = (entry.params)();
            let mut seen = BTreeSet::new();
            // Numbers that no column is compared with are limits: try a small and a large one.
            for (row, number) in rows.iter().flat_map(|row| [(row, 1_000), (row, i64::MAX / 2)]) {
                let value = |(at, kind): (usize, &Kind)| value_for(at, *kind, workspace, row, &hints, number);
                let mut values: Vec<Value> = params.iter().enumerate().map(value).collect();
                if let Some((_, columns)) = KEY_LISTS.iter().find(|(name, _)| *name == entry.name) {
                    let key: Vec<_> = columns.iter().map(|column| row.get(*column).map(to_json)).collect();
                    values[1] = Value::Text(serde_json::json!([key]).to_string());
                }
                if seen.insert(format!("{values:?}")) {
                    let types = params.iter().map(|kind| kind.ty).collect();
                    let (name, text) = (format!("{}::{}", entry.module, entry.name), text.to_owned());
                    trials.push(Trial { name, original: text.clone(), text, types, values, row: (entry.row)() });
                }
            }
        }
        trials
    }
}

/// The column with which each parameter is compared, or to which it is written.
fn hints(text: &str) -> BTreeMap<usize, String> {
    let mut hints = BTreeMap::new();
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "(),".contains(c)).filter(|word| !word.is_empty()).collect();
    for window in words.windows(3) {
        let &[column, operator, parameter] = window else { continue };
        let hint = match operator {
            "=" | "<" | ">" | ">=" => bare(column),
            // A bound equal to the row's own value would exclude the twin's row.
            "<=" => UPPER,
            _ => continue,
        };
        let number = parameter.strip_prefix('$').and_then(|number| number.parse().ok());
        hints.extend(number.map(|number| (number, hint.to_owned())));
    }
    for (at, _) in words.windows(2).enumerate().filter(|(_, pair)| *pair == ["IN", "SELECT"]) {
        let list = words[at..].iter().find_map(|word| word.strip_prefix('$')?.parse().ok());
        hints.extend(list.map(|number| (number, format!("{LIST}{}", bare(words[at - 1])))));
    }
    for pair in words.windows(2) {
        if let ["OFFSET", number] = pair {
            hints.extend(
                number
                    .strip_prefix('$')
                    .and_then(|number| number.parse().ok())
                    .map(|number| (number, OFFSET.to_owned())),
            );
        }
    }
    if let Some(columns) = text
        .strip_prefix("INSERT INTO ")
        .and_then(|rest| rest.split_once('('))
        .and_then(|(_, rest)| rest.split_once(')'))
    {
        for (at, column) in columns.0.split(", ").enumerate() {
            hints.insert(at + 1, column.to_owned());
        }
    }
    hints
}

/// A column without its table.
fn bare(column: &str) -> &str {
    column.rsplit('.').next().unwrap_or(column)
}

/// Prefix of the hint for a parameter that is a list of a column's values.
const LIST: &str = "one of ";

/// Statements whose first parameter is a list of these columns' values.
const KEY_LISTS: [(&str, &[&str]); 1] = [("TASK_RUNS_BY_KEYS", &["flow_run_id", "task_key", "dynamic_key"])];

/// The value as JSON, for such a list.
fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Uuid(id) => id.to_string().into(),
        _ => serde_json::Value::Null,
    }
}

/// The hint for an upper bound.
const UPPER: &str = "<=";

/// The hint for an offset, which must be 0 to find rows.
const OFFSET: &str = "OFFSET";

fn value_for(
    at: usize,
    kind: Kind,
    workspace: WorkspaceId,
    row: &Record,
    hints: &BTreeMap<usize, String>,
    number: i64,
) -> Value {
    if at == 0 {
        return Value::Uuid(workspace.0);
    }
    let hint = hints.get(&(at + 1)).map_or("", String::as_str);
    match (hint, kind.ty) {
        (OFFSET, _) => return Value::Big(0),
        (UPPER, Type::Big) => return Value::Big(i64::MAX / 2),
        _ => {}
    }
    if let Some(column) = hint.strip_prefix(LIST) {
        return Value::Text(serde_json::json!([row.get(column).map(to_json)]).to_string());
    }
    let fits =
        |value: &&Value| type_of(value).is_none_or(|ty| ty == kind.ty) && (kind.nullable || **value != Value::Null);
    row.get(hint).filter(fits).cloned().unwrap_or_else(|| match kind.ty {
        Type::Bool => Value::Bool(true),
        Type::Big => Value::Big(number),
        Type::Double => Value::Double(1.0),
        // A kind of run.
        Type::Text => Value::Text("flow_run".to_owned()),
        Type::Uuid => {
            row.values().find(|value| matches!(value, Value::Uuid(_))).cloned().unwrap_or(Value::Uuid(workspace.0))
        }
    })
}

fn type_of(value: &Value) -> Option<Type> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some(Type::Bool),
        Value::Big(_) => Some(Type::Big),
        Value::Double(_) => Some(Type::Double),
        Value::Text(_) => Some(Type::Text),
        Value::Uuid(_) => Some(Type::Uuid),
    }
}

/// Rows to delete before a trial: all of a table, or those with one value in a column.
struct Deletion {
    table: &'static str,
    of: Option<(String, Type, Value)>,
}

#[derive(Clone)]
struct Trial {
    name: String,
    /// The program's text, where `text` is a mutant's.
    original: String,
    text: String,
    types: Vec<Type>,
    values: Vec<Value>,
    /// Empty for a statement that yields no rows.
    row: Vec<Kind>,
}

#[derive(PartialEq, Debug)]
enum Outcome {
    Rows(Vec<String>),
    Touched(u64),
    Rejected,
}

impl Outcome {
    fn found_a_row(&self) -> bool {
        match self {
            Self::Rows(rows) => !rows.is_empty(),
            Self::Touched(rows) => *rows > 0,
            Self::Rejected => false,
        }
    }
}

impl Trial {
    fn label(&self) -> String {
        format!("{} {:?}", self.name, self.values)
    }

    /// Runs the statement and rolls it back.
    async fn run(&self, connection: &mut RawConnection) -> Outcome {
        connection.command("BEGIN").await.unwrap();
        let outcome = self.attempt(connection).await;
        connection.command("ROLLBACK").await.unwrap();
        outcome
    }

    /// The same, but fails if the twin's rows were changed.
    async fn run_and_check_twin(
        &self,
        connection: &mut RawConnection,
        fixture: &WorkspaceFixture<'_>,
        twin: WorkspaceId,
        rows: &str,
    ) -> Result<Outcome, String> {
        connection.command("BEGIN").await.unwrap();
        let outcome = self.attempt(connection).await;
        let writes = matches!(outcome, Outcome::Touched(touched) if touched > 0);
        let unchanged = !writes || fixture.dump(connection, twin).await == rows;
        connection.command("ROLLBACK").await.unwrap();
        if unchanged { Ok(outcome) } else { Err("a row of the twin was changed".to_owned()) }
    }

    /// The same after a deletion of rows. None if foreign keys forbid the deletion.
    async fn run_without(
        &self,
        deletion: &Deletion,
        workspace: WorkspaceId,
        connection: &mut RawConnection,
    ) -> Option<Outcome> {
        connection.command("BEGIN").await.unwrap();
        let (mut types, mut values) = (vec![Type::Uuid], vec![Value::Uuid(workspace.0)]);
        let mut text = format!("DELETE FROM {} WHERE workspace_id = $1", deletion.table);
        if let Some((column, ty, value)) = &deletion.of {
            types.push(*ty);
            values.push(value.clone());
            text += &format!(" AND {column} = $2");
        }
        let deleted = connection.touched(&text, &types, values).await;
        let outcome = if deleted.is_ok() { Some(self.attempt(connection).await) } else { None };
        connection.command("ROLLBACK").await.unwrap();
        outcome
    }

    async fn attempt(&self, connection: &mut RawConnection) -> Outcome {
        if self.row.is_empty() {
            let touched = connection.touched(&self.text, &self.types, self.values.clone()).await;
            return touched.map_or(Outcome::Rejected, Outcome::Touched);
        }
        let rows = connection.rows(&self.text, &self.types, &self.row, self.values.clone()).await;
        rows.map_or(Outcome::Rejected, |rows| {
            let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
            if !self.text.contains("ORDER BY") {
                rows.sort();
            }
            Outcome::Rows(rows)
        })
    }
}

async fn select(connection: &mut RawConnection, table: &Table, workspace: WorkspaceId) -> Vec<Vec<Value>> {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(", ");
    let text = format!("SELECT {names} FROM {} WHERE workspace_id = $1 ORDER BY {names}", table.name);
    let kinds: Vec<Kind> = table.columns.iter().map(|(_, kind)| *kind).collect();
    connection
        .rows(&text, &[Type::Uuid], &kinds, vec![Value::Uuid(workspace.0)])
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A table's columns and their kinds.
async fn columns_of(table: schema::Table, app: &TestApp) -> Vec<(String, Kind)> {
    let text: &'static str = Box::leak(format!("SELECT * FROM {}", table.name).into_boxed_str());
    let described = describe(&app.location, text).await.unwrap();
    let names = described.columns.into_iter().map(|(name, _)| name).filter(|name| name != "workspace_id");
    names
        .map(|name| {
            let kind = table.kind_of(&name);
            (name, kind)
        })
        .collect()
}
