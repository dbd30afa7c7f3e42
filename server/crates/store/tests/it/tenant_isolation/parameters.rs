//! The values with which a statement is tried: those of a row, chosen by the columns that its text compares them with.

use std::collections::{BTreeMap, BTreeSet};

use model::id::WorkspaceId;
use store::{
    statement::{Entry, STATEMENTS},
    value::{Kind, Type, Value},
};

use super::{Record, Trial, trial::words};

/// For each statement, a trial with the values of each row of the tables that it names.
pub fn trials(embedded: bool, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
    let scoped = STATEMENTS.iter().filter(|entry| entry.scope == "scoped");
    scoped.flat_map(|entry| trials_of(entry, embedded, workspace, rows)).collect()
}

/// Scoped statements without a trial.
pub fn untried(trials: &[Trial]) -> Vec<&'static str> {
    let scoped = STATEMENTS.iter().filter(|entry| entry.scope == "scoped");
    let is_tried = |entry: &&Entry| trials.iter().any(|trial| trial.name == name_of(entry));
    scoped.filter(|entry| !is_tried(entry)).map(|entry| entry.name).collect()
}

fn name_of(entry: &Entry) -> String {
    format!("{}::{}", entry.module, entry.name)
}

fn trials_of(entry: &Entry, embedded: bool, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
    let text = if embedded { (entry.sqlite)() } else { (entry.postgres)() };
    let (hints, params) = (hints(text), (entry.params)());
    let (mut trials, mut seen) = (Vec::new(), BTreeSet::new());
    // Numbers that no column is compared with are limits: try a small and a large one.
    for (row, number) in rows_of(text, rows).into_iter().flat_map(|row| [(row, 1_000), (row, i64::MAX / 2)]) {
        let value = |(at, kind): (usize, &Kind)| value_for(at, *kind, workspace, row, &hints, number);
        let mut values: Vec<Value> = params.iter().enumerate().map(value).collect();
        if let Some((_, columns)) = KEY_LISTS.iter().find(|(name, _)| *name == entry.name) {
            let key: Vec<_> = columns.iter().map(|column| row.get(column).map(to_json)).collect();
            values[1] = Value::Text(serde_json::json!([key]).to_string());
        }
        if seen.insert(format!("{values:?}")) {
            let types = params.iter().map(|kind| kind.ty).collect();
            let (name, text) = (name_of(entry), text.to_owned());
            trials.push(Trial { name, original: text.clone(), text, types, values, row: (entry.row)() });
        }
    }
    trials
}

/// The rows of the tables that a text names. All rows if there are none: `workspace` and its members are not copied.
fn rows_of<'r>(text: &str, rows: &'r [Record]) -> Vec<&'r Record> {
    let words: BTreeSet<&str> = words(text).collect();
    let named: Vec<&Record> = rows.iter().filter(|row| words.contains(row.table)).collect();
    if named.is_empty() { rows.iter().collect() } else { named }
}

/// The column with which each parameter is compared, or to which it is written.
fn hints(text: &str) -> BTreeMap<usize, String> {
    let mut hints = BTreeMap::new();
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "(),".contains(c)).filter(|word| !word.is_empty()).collect();
    for window in words.windows(3) {
        let &[column, operator, parameter] = window else { continue };
        let hint = match operator {
            "=" | ">" | ">=" => bare(column).to_owned(),
            // A bound equal to the row's own value would exclude the twin's row.
            "<=" => UPPER.to_owned(),
            "<" => format!("{BELOW}{}", bare(column)),
            _ => continue,
        };
        let number = parameter.strip_prefix('$').and_then(|number| number.parse().ok());
        hints.extend(number.map(|number| (number, hint)));
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

/// Prefix of the hint for a bound that is not included: the row's own value, and a large number.
const BELOW: &str = "below ";

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
    let hint = match hint.strip_prefix(BELOW) {
        Some(_) if kind.ty == Type::Big && number > 1_000 => return Value::Big(number),
        Some(column) => column,
        None => hint,
    };
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
        Type::Uuid => row.id().cloned().unwrap_or(Value::Uuid(workspace.0)),
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
