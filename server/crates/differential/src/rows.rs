//! The rows of a list in a form that two servers can have in common: by their symbols, in the order that the request determines.

use serde_json::{Map, Value, json};

use crate::symbols::Symbols;

/// Longer lists are described by their length and their ends.
const LONG: usize = 30;

/// The fields that determine the order of a list; none if the order is that of ids which each server chose itself.
pub struct Order {
    fields: Option<&'static [&'static str]>,
}

impl Order {
    /// The order that a request to the list at `path` asks for.
    #[must_use]
    pub fn of(path: &str, body: &Value) -> Self {
        let default = match path.trim_matches('/') {
            "flows/filter" | "variables/filter" => "NAME_ASC",
            "logs/filter" => "TIMESTAMP_ASC",
            _ => "ID_DESC",
        };
        let sort = body.get("sort").and_then(Value::as_str).unwrap_or(default);
        let field = sort.rsplit_once('_').map_or(sort, |(field, _)| field);
        let fields: Option<&[&str]> = match field {
            // The cases choose the ids of task runs.
            "ID" if path.trim_matches('/') == "task_runs/filter" => Some(&["id"]),
            "NAME" => Some(&["name"]),
            "KEY" => Some(&["key"]),
            "LEVEL" => Some(&["level"]),
            "CREATED" => Some(&["created"]),
            "UPDATED" => Some(&["updated"]),
            "TIMESTAMP" => Some(&["timestamp"]),
            "START_TIME" => Some(&["start_time", "expected_start_time"]),
            "EXPECTED_START_TIME" => Some(&["expected_start_time"]),
            "NEXT_SCHEDULED_START_TIME" => Some(&["next_scheduled_start_time"]),
            "END_TIME" => Some(&["end_time"]),
            _ => None,
        };
        Self { fields }
    }

    /// Whether two rows, one after the other, could have the reverse order as well.
    fn is_tie(&self, one: &Value, other: &Value) -> bool {
        let key = |row: &Value| {
            let value = |field: &&str| row.get(*field).filter(|value| !value.is_null()).cloned();
            self.fields.unwrap_or_default().iter().find_map(value)
        };
        key(one) == key(other)
    }
}

/// The rows by name, or whole. Rows whose order is not determined are a list in the list, sorted.
#[must_use]
pub fn describe(rows: &[Value], order: &Order, whole: bool, symbols: &Symbols) -> Value {
    if rows.len() > LONG {
        let ends: Vec<_> = rows.first().into_iter().chain(rows.last()).map(|row| label(row, symbols)).collect();
        return json!({"rows": rows.len(), "ends": if order.fields.is_some() { ends } else { Vec::new() }});
    }
    let text = |row: &Value| if whole { symbols.replace_in(row) } else { label(row, symbols) };
    let groups = rows.chunk_by(|one, other| order.is_tie(one, other)).map(|ties| {
        let mut ties: Vec<Value> = ties.iter().map(text).collect();
        ties.sort_by_key(Value::to_string);
        if ties.len() == 1 { ties.remove(0) } else { Value::Array(ties) }
    });
    groups.collect()
}

/// The symbol of a row; for a log line, which no client can name, its message.
fn label(row: &Value, symbols: &Symbols) -> Value {
    let Some(object) = row.as_object() else { return symbols.replace_in(row) };
    let text = |object: &Map<String, Value>, field: &str| object.get(field).and_then(Value::as_str).map(str::to_owned);
    let name = text(object, "id").map(|id| symbols.name(&id).to_owned());
    match name {
        Some(name) if name.starts_with('$') => name.into(),
        _ => ["message", "name", "key", "type"].iter().find_map(|field| text(object, field)).into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Order, describe};
    use crate::symbols::Symbols;

    fn described(path: &str, body: &Value, rows: &[Value]) -> Value {
        let mut symbols = Symbols::new("2026-11-25T10:00:00Z".parse().unwrap(), None);
        for row in rows {
            symbols.define(row["name"].as_str().unwrap(), row).unwrap();
        }
        describe(rows, &Order::of(path, body), false, &symbols)
    }

    fn rows() -> Vec<Value> {
        vec![
            json!({"id": "1", "name": "c", "end_time": null}),
            json!({"id": "2", "name": "b", "end_time": null}),
            json!({"id": "3", "name": "a", "end_time": "2026-11-25T10:00:00Z"}),
        ]
    }

    #[test]
    fn only_ties_lose_their_order() {
        let sorted = described("/flow_runs/filter", &json!({"sort": "END_TIME_DESC"}), &rows());
        assert_eq!(sorted, json!([["$b", "$c"], "$a"]));
        assert_eq!(described("/flow_runs/filter", &json!({"sort": "NAME_DESC"}), &rows()), json!(["$c", "$b", "$a"]));
        assert_eq!(described("/flow_runs/filter", &json!({}), &rows()), json!([["$a", "$b", "$c"]]));
        assert_eq!(described("/task_runs/filter/", &json!({}), &rows()), json!(["$c", "$b", "$a"]));
    }

    #[test]
    fn long_lists_are_described_by_their_ends() {
        let row = |number| json!({"id": format!("{number}"), "name": format!("r{number:02}")});
        let rows: Vec<Value> = (0..40).map(row).collect();
        assert_eq!(described("/flows/filter/", &json!({}), &rows), json!({"rows": 40, "ends": ["$r00", "$r39"]}));
        assert_eq!(described("/flow_runs/filter", &json!({}), &rows), json!({"rows": 40, "ends": []}));
    }
}
