//! The wall between workspaces, tried on every statement of the program.
//!
//! One workspace is filled through the use cases. Every statement that is bound to a workspace is then run as that workspace, with values
//! taken from its rows, and what it yields is noted. Then a second workspace gets the same rows with the *same ids* (the keys allow it) and
//! other figures, and everything runs once more: nothing may come out differently, and no row of the twin may change. Last, each comparison
//! with a workspace is taken out of each statement in turn, and that must be seen.

mod breach;
mod built;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use model::id::WorkspaceId;
use store::{
    probe::{Probe, describe},
    statement::STATEMENTS,
    value::{Kind, Type, Value},
};
use testkit::Kit;

use crate::{furnished, schema};

/// A table of a workspace and its columns, but for the workspace's id.
struct Table {
    name: &'static str,
    columns: Vec<(String, Kind)>,
}

/// Not seen by the statements of a workspace: who is a member is what makes one.
const APART: [&str; 2] = ["workspace_member", "audit"];

/// Columns that keep their figures in the twin: keys, and what a CHECK bounds.
const KEPT: [&str; 3] = ["grain", "bucket", "slot"];

/// How far the twin's figures are from the original's.
const SHIFT: i64 = 100_000_000_000_000_000;

testkit::on_both! {
    async fn no_statement_reaches_into_another_workspace(kit: Kit) {
        let (original, twin) = furnished::two_workspaces(&kit).await;
        let mut probe = Probe::open(&kit.location).await.unwrap();
        let mut house = House { kit: &kit, tables: Vec::new() };
        house.learn().await;
        let rows = house.rows(&mut probe, original).await;
        let mut trials = house.trials(original, &rows);
        trials.extend(built::trials(kit.cx.db.is_embedded(), original, &rows));
        let mut before = BTreeMap::new();
        for trial in &trials {
            before.insert(trial.label(), trial.run(&mut probe).await);
        }
        house.copy(&mut probe, original, twin).await;
        let twins_rows = house.dump(&mut probe, twin).await;
        assert!(twins_rows.lines().count() > 40, "the twin is furnished, with {} rows", twins_rows.lines().count());
        let mut complaints = Vec::new();
        for trial in &trials {
            let after = trial.run_and_look(&mut probe, &house, twin, &twins_rows).await;
            if after.as_ref() != Ok(&before[&trial.label()]) {
                complaints.push(format!("{}: {:?} alone, {after:?} beside its twin", trial.label(), before[&trial.label()]));
            }
        }
        complaints.truncate(5);
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
        assert_eq!(idle(&trials, &before), Vec::<&str>::new(), "each statement must have found a row at least once");
        let breaches = breach::breaches(&trials);
        assert!(breaches.len() > 60, "only {} comparisons with a workspace were found", breaches.len());
        let mut missed = Vec::new();
        for (name, breached) in breaches {
            if !breach::is_seen(&breached, &before, &mut probe, &house, (original, twin), &twins_rows).await {
                missed.push(format!("{name}: {}", breached[0].text));
            }
        }
        assert_eq!(missed, Vec::<String>::new(), "a statement that forgets its workspace must be seen");
    }
}

/// Statements that never met a row: a test that tried nothing would prove nothing. An INSERT is given rows that are there already.
fn idle<'t>(trials: &'t [Trial], outcomes: &BTreeMap<String, Outcome>) -> Vec<&'t str> {
    let met: BTreeSet<&str> =
        trials.iter().filter(|trial| outcomes[&trial.label()].met_a_row()).map(|trial| trial.name.as_str()).collect();
    let tried: BTreeSet<&str> = trials.iter().map(|trial| trial.name.as_str()).collect();
    let inserts = |name: &&str| name.contains("::INSERT");
    tried.difference(&met).copied().filter(|name| !inserts(name)).collect()
}

struct House<'k> {
    kit: &'k Kit,
    tables: Vec<Table>,
}

type Record = BTreeMap<String, Value>;

impl House<'_> {
    async fn learn(&mut self) {
        for table in schema::tables().iter().filter(|table| table.is_of_workspace() && !APART.contains(&table.name)) {
            self.tables.push(Table { name: table.name, columns: columns_of(*table, self.kit).await });
        }
    }

    async fn rows(&self, probe: &mut Probe, workspace: WorkspaceId) -> Vec<Record> {
        let mut records = Vec::new();
        for table in &self.tables {
            let rows = select(probe, table, workspace).await;
            assert!(!rows.is_empty(), "the table {} holds a row that came in through a use case", table.name);
            let names = || table.columns.iter().map(|(name, _)| name.clone());
            records.extend(rows.into_iter().map(|row| names().zip(row).collect::<Record>()));
        }
        records
    }

    async fn dump(&self, probe: &mut Probe, workspace: WorkspaceId) -> String {
        let mut text = String::new();
        for table in &self.tables {
            for row in select(probe, table, workspace).await {
                writeln!(text, "{} {row:?}", table.name).unwrap();
            }
        }
        text
    }

    /// The same rows in another workspace, with other figures.
    async fn copy(&self, probe: &mut Probe, from: WorkspaceId, to: WorkspaceId) {
        for table in &self.tables {
            let names: Vec<&str> =
                table.columns.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "sort_time").collect();
            let values = names.iter().map(|name| {
                let figure = table.columns.iter().any(|(column, kind)| column == name && kind.ty == Type::Big);
                if figure && !KEPT.contains(name) { format!("{name} + {SHIFT}") } else { (*name).to_owned() }
            });
            let text = format!(
                "INSERT INTO {} (workspace_id, {}) SELECT $2, {} FROM {} WHERE workspace_id = $1",
                table.name,
                names.join(", "),
                values.collect::<Vec<_>>().join(", "),
                table.name,
            );
            let values = vec![Value::Uuid(from.0), Value::Uuid(to.0)];
            probe
                .touched(&text, &[Type::Uuid, Type::Uuid], values)
                .await
                .unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    /// For each statement, one trial with the values of each row that has the columns it speaks of.
    fn trials(&self, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
        let mut trials = Vec::new();
        for entry in STATEMENTS.iter().filter(|entry| entry.scope == "scoped") {
            let text = if self.kit.cx.db.is_embedded() { (entry.sqlite)() } else { (entry.postgres)() };
            let hints = hints(text);
            let params = (entry.params)();
            let mut seen = BTreeSet::new();
            // Figures that speak of no column are limits and bounds: a small one and a large one.
            for (row, figure) in rows.iter().flat_map(|row| [(row, 1_000), (row, i64::MAX / 2)]) {
                let value = |(at, kind): (usize, &Kind)| pick(at, *kind, workspace, row, &hints, figure);
                let mut values: Vec<Value> = params.iter().enumerate().map(value).collect();
                if let Some((_, columns)) = KEY_LISTS.iter().find(|(name, _)| *name == entry.name) {
                    let key: Vec<_> = columns.iter().map(|column| row.get(*column).map(plain)).collect();
                    values[1] = Value::Text(serde_json::json!([key]).to_string());
                }
                if seen.insert(format!("{values:?}")) {
                    let types = params.iter().map(|kind| kind.ty).collect();
                    let (name, text) = (format!("{}::{}", entry.module, entry.name), text.to_owned());
                    trials.push(Trial { name, intact: text.clone(), text, types, values, row: (entry.row)() });
                }
            }
        }
        trials
    }
}

/// Which column each parameter is compared with, or written to.
fn hints(text: &str) -> BTreeMap<usize, String> {
    let mut hints = BTreeMap::new();
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "(),".contains(c)).filter(|word| !word.is_empty()).collect();
    for window in words.windows(3) {
        let &[column, operator, parameter] = window else { continue };
        let hint = match operator {
            "=" | "<" | ">" | ">=" => bare(column),
            // What is no greater than the row's own value would leave its twin out.
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

/// What marks the column of a parameter that lists values of it.
const LIST: &str = "one of ";

/// Statements whose first parameter of their own lists rows of these columns.
const KEY_LISTS: [(&str, &[&str]); 1] = [("TASK_RUNS_BY_KEYS", &["flow_run_id", "task_key", "dynamic_key"])];

/// The value as it stands in a list.
fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Uuid(id) => id.to_string().into(),
        _ => serde_json::Value::Null,
    }
}

/// What stands for an upper bound among the columns.
const UPPER: &str = "<=";

/// What stands for a page's offset among the columns: the first page is where rows are.
const OFFSET: &str = "OFFSET";

fn pick(
    at: usize,
    kind: Kind,
    workspace: WorkspaceId,
    row: &Record,
    hints: &BTreeMap<usize, String>,
    figure: i64,
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
        return Value::Text(serde_json::json!([row.get(column).map(plain)]).to_string());
    }
    let fits =
        |value: &&Value| type_of(value).is_none_or(|ty| ty == kind.ty) && (kind.nullable || **value != Value::Null);
    row.get(hint).filter(fits).cloned().unwrap_or_else(|| match kind.ty {
        Type::Bool => Value::Bool(true),
        Type::Big => Value::Big(figure),
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

/// The rows of a table, all of them or those with one value in a column.
struct Lack {
    table: &'static str,
    of: Option<(String, Type, Value)>,
}

#[derive(Clone)]
struct Trial {
    name: String,
    /// The text as the program has it.
    intact: String,
    text: String,
    types: Vec<Type>,
    values: Vec<Value>,
    /// None of a statement that yields no rows.
    row: Vec<Kind>,
}

#[derive(PartialEq, Debug)]
enum Outcome {
    Rows(Vec<String>),
    Touched(u64),
    Refused,
}

impl Outcome {
    fn met_a_row(&self) -> bool {
        match self {
            Self::Rows(rows) => !rows.is_empty(),
            Self::Touched(rows) => *rows > 0,
            Self::Refused => false,
        }
    }
}

impl Trial {
    fn label(&self) -> String {
        format!("{} {:?}", self.name, self.values)
    }

    /// Runs it and takes it back.
    async fn run(&self, probe: &mut Probe) -> Outcome {
        probe.command("BEGIN").await.unwrap();
        let outcome = self.attempt(probe).await;
        probe.command("ROLLBACK").await.unwrap();
        outcome
    }

    /// The same, with a look at the twin's rows before it is taken back.
    async fn run_and_look(
        &self,
        probe: &mut Probe,
        house: &House<'_>,
        twin: WorkspaceId,
        rows: &str,
    ) -> Result<Outcome, String> {
        probe.command("BEGIN").await.unwrap();
        let outcome = self.attempt(probe).await;
        let writes = matches!(outcome, Outcome::Touched(touched) if touched > 0);
        let unharmed = !writes || house.dump(probe, twin).await == rows;
        probe.command("ROLLBACK").await.unwrap();
        if unharmed { Ok(outcome) } else { Err("a row of the twin was changed".to_owned()) }
    }

    /// The same in a workspace that lacks some rows. None: others need them.
    async fn run_without(&self, lack: &Lack, workspace: WorkspaceId, probe: &mut Probe) -> Option<Outcome> {
        probe.command("BEGIN").await.unwrap();
        let (mut types, mut values) = (vec![Type::Uuid], vec![Value::Uuid(workspace.0)]);
        let mut text = format!("DELETE FROM {} WHERE workspace_id = $1", lack.table);
        if let Some((column, ty, value)) = &lack.of {
            types.push(*ty);
            values.push(value.clone());
            text += &format!(" AND {column} = $2");
        }
        let emptied = probe.touched(&text, &types, values).await;
        let outcome = if emptied.is_ok() { Some(self.attempt(probe).await) } else { None };
        probe.command("ROLLBACK").await.unwrap();
        outcome
    }

    async fn attempt(&self, probe: &mut Probe) -> Outcome {
        if self.row.is_empty() {
            let touched = probe.touched(&self.text, &self.types, self.values.clone()).await;
            return touched.map_or(Outcome::Refused, Outcome::Touched);
        }
        let rows = probe.rows(&self.text, &self.types, &self.row, self.values.clone()).await;
        rows.map_or(Outcome::Refused, |rows| {
            let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
            if !self.text.contains("ORDER BY") {
                rows.sort();
            }
            Outcome::Rows(rows)
        })
    }
}

async fn select(probe: &mut Probe, table: &Table, workspace: WorkspaceId) -> Vec<Vec<Value>> {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    let names = names.join(", ");
    let text = format!("SELECT {names} FROM {} WHERE workspace_id = $1 ORDER BY {names}", table.name);
    let kinds: Vec<Kind> = table.columns.iter().map(|(_, kind)| *kind).collect();
    probe
        .rows(&text, &[Type::Uuid], &kinds, vec![Value::Uuid(workspace.0)])
        .await
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A table's columns and their kinds.
async fn columns_of(table: schema::Table, kit: &Kit) -> Vec<(String, Kind)> {
    let text: &'static str = Box::leak(format!("SELECT * FROM {}", table.name).into_boxed_str());
    let described = describe(&kit.location, text).await.unwrap();
    let names = described.columns.into_iter().map(|(name, _)| name).filter(|name| name != "workspace_id");
    names
        .map(|name| {
            let kind = table.kind_of(&name);
            (name, kind)
        })
        .collect()
}
