//! Symbols: names for what a server has chosen itself, above all ids. A request of the tables names an object by its symbol; in an
//! answer each known id is replaced by its symbol, so that the answers of two servers can be equal.
//!
//! `$flow.alpha` is the id of the object that the seed calls `flow.alpha`, `$flow.alpha/created` the field of its row.
//! `$foreign.flow.alpha` is the id of that object in another workspace, `$unknown` an id that no object has. `$repeat.x.500` is a text of
//! 500 times `x`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

/// An id that no object has.
const UNKNOWN: &str = "ffc8be5d-17d2-4dfc-8b0b-223935274593";
/// The id of what is in another workspace, for a server that has only one.
const FOREIGN: &str = "ffc8be5d-17d2-4dfc-8b0b-223935274594";
/// A text that repeats one character this often, or more, is written as `$repeat`.
const LONG: usize = 100;
/// What stands in an answer for the id of the object that the case has created.
const CREATED: &str = "$created";
/// What stands in an answer for an id without a symbol.
const OTHER_ID: &str = "<id>";
/// What stands in an answer for the time of one of the server's own acts.
const SERVER_TIME: &str = "<time>";
/// Times that a server chose itself are this near to the start of its session; those in the tables are years away.
const SESSION: TimeDelta = TimeDelta::days(100);

pub struct Symbols {
    rows: BTreeMap<String, Value>,
    /// The symbol of each known id.
    names: BTreeMap<String, String>,
    foreign: Option<Box<Symbols>>,
    start: DateTime<Utc>,
}

impl Symbols {
    /// `start` is the time of the server's clock, `foreign` what another workspace of the same server contains.
    #[must_use]
    pub fn new(start: DateTime<Utc>, foreign: Option<Symbols>) -> Self {
        Self { rows: BTreeMap::new(), names: BTreeMap::new(), foreign: foreign.map(Box::new), start }
    }

    /// Gives the row a symbol; a row that has it already is replaced.
    pub fn define(&mut self, symbol: &str, row: &Value) -> Result<()> {
        let id = row.get("id").and_then(Value::as_str).with_context(|| format!("{symbol} has no id: {row}"))?;
        let old = self.rows.insert(symbol.to_owned(), row.clone());
        ensure!(old.is_none_or(|old| old["id"] == id), "{symbol} is the name of two objects");
        self.names.insert(id.to_owned(), format!("${symbol}"));
        Ok(())
    }

    /// Calls the object that a case has just created `$created`, instead of that of the case before.
    pub fn define_created(&mut self, row: &Value) {
        self.names.retain(|_, symbol| symbol != CREATED);
        if let Some(id) = row.get("id").and_then(Value::as_str)
            && !self.names.contains_key(id)
        {
            self.names.insert(id.to_owned(), CREATED.to_owned());
        }
    }

    /// The text with each symbol replaced, in whole strings and in the segments of a path; an error names a symbol that is unknown.
    pub fn resolve_path(&self, path: &str) -> Result<String> {
        let segment = |segment: &str| match segment.strip_prefix('$') {
            Some(symbol) => self.id(symbol),
            None => Ok(segment.to_owned()),
        };
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let path = path.split('/').map(segment).collect::<Result<Vec<_>>>()?.join("/");
        let Some((name, value)) = query.and_then(|query| query.split_once('=')) else { return Ok(path) };
        Ok(format!("{path}?{name}={}", segment(value)?))
    }

    /// The value with each string that is a symbol replaced.
    pub fn resolve(&self, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(symbol) => self.field(symbol)?,
                None => value.clone(),
            },
            Value::Array(items) => Value::Array(items.iter().map(|item| self.resolve(item)).collect::<Result<_>>()?),
            Value::Object(fields) => {
                let field = |(key, value): (&String, &Value)| Ok((key.clone(), self.resolve(value)?));
                Value::Object(fields.iter().map(field).collect::<Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    fn field(&self, symbol: &str) -> Result<Value> {
        if let Some((character, count)) = symbol.strip_prefix("repeat.").and_then(|repeat| repeat.split_once('.')) {
            return Ok(character.repeat(count.parse()?).into());
        }
        let Some((symbol, field)) = symbol.split_once('/') else { return self.id(symbol).map(Value::from) };
        let row = self.rows.get(symbol).with_context(|| format!("nothing is called ${symbol}"))?;
        let value = row.get(field).filter(|value| !value.is_null());
        value.cloned().with_context(|| format!("${symbol} has no {field}"))
    }

    fn id(&self, symbol: &str) -> Result<String> {
        if symbol == "unknown" {
            return Ok(UNKNOWN.to_owned());
        }
        if let Some(symbol) = symbol.strip_prefix("foreign.") {
            return self.foreign.as_ref().map_or(Ok(FOREIGN.to_owned()), |foreign| foreign.id(symbol));
        }
        let row = self.rows.get(symbol).with_context(|| format!("nothing is called ${symbol}"))?;
        Ok(row["id"].as_str().unwrap_or_default().to_owned())
    }

    /// The symbol of a row, or what stands for an id without symbol.
    #[must_use]
    pub fn name(&self, id: &str) -> &str {
        let is_foreign =
            || id == FOREIGN || self.foreign.as_ref().is_some_and(|foreign| foreign.names.contains_key(id));
        match self.names.get(id) {
            Some(symbol) => symbol,
            None if id == UNKNOWN => "$unknown",
            None if is_foreign() => "$foreign",
            None => OTHER_ID,
        }
    }

    /// The value as another server would have answered it: without ids, times and durations of this server.
    #[must_use]
    pub fn replace_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.replace_in_text(text).into(),
            Value::Array(items) => items.iter().map(|item| self.replace_in(item)).collect(),
            Value::Object(fields) => {
                let field = |(key, value): (&String, &Value)| {
                    let value = if is_duration(key, value) { "<seconds>".into() } else { self.replace_in(value) };
                    (key.clone(), value)
                };
                Value::Object(fields.iter().map(field).collect())
            }
            other => other.clone(),
        }
    }

    /// The text with ids and times of this server replaced.
    #[must_use]
    pub fn replace_in_text(&self, text: &str) -> String {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            let time = time.with_timezone(&Utc);
            return if (time - self.start).abs() < SESSION {
                SERVER_TIME.to_owned()
            } else {
                time.to_rfc3339_opts(SecondsFormat::Micros, true)
            };
        }
        if text.len() == UNKNOWN.len() && Uuid::try_parse(text).is_ok() {
            return self.name(text).to_owned();
        }
        if let Some(first) = text.chars().next() {
            let rest = text.trim_start_matches(first);
            let count = (text.len() - rest.len()) / first.len_utf8();
            if count >= LONG {
                return format!("$repeat.{first}.{count}{rest}");
            }
        }
        self.names.iter().fold(text.to_owned(), |text, (id, symbol)| text.replace(id, symbol))
    }
}

/// Whether this is the measured duration of a run; zero is the same on every server.
fn is_duration(key: &str, value: &Value) -> bool {
    matches!(key, "total_run_time" | "estimated_run_time" | "estimated_start_time_delta") && value.as_f64() != Some(0.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Symbols, UNKNOWN};

    const ID: &str = "5b0cf8a1-2a29-4b34-9b5c-1f6f0a8b7c11";
    const OTHER: &str = "0aa00000-0000-4000-8000-000000000000";

    fn symbols() -> Symbols {
        let start = "2026-11-25T10:00:00Z".parse().unwrap();
        let mut foreign = Symbols::new(start, None);
        foreign.define("flow.a", &json!({"id": OTHER})).unwrap();
        let mut symbols = Symbols::new(start, Some(foreign));
        symbols.define("flow.a", &json!({"id": ID, "created": "2026-11-25T10:00:01Z", "end": null})).unwrap();
        symbols
    }

    #[test]
    fn symbols_become_ids_and_fields() {
        let value = json!({"a": ["$flow.a", "$foreign.flow.a", "$unknown"], "b": "$flow.a/created"});
        let expected = json!({"a": [ID, OTHER, UNKNOWN], "b": "2026-11-25T10:00:01Z"});
        assert_eq!(symbols().resolve(&value).unwrap(), expected);
        assert_eq!(symbols().resolve_path("/flows/$flow.a").unwrap(), format!("/flows/{ID}"));
        assert_eq!(symbols().resolve_path("/states/?id=$flow.a").unwrap(), format!("/states/?id={ID}"));
        assert_eq!(symbols().resolve(&json!("$repeat.ä.3")).unwrap(), "äää");
        for missing in ["$flow.b", "$flow.a/end"] {
            assert!(symbols().resolve(&json!(missing)).is_err(), "{missing}");
        }
    }

    #[test]
    fn what_a_server_chose_is_replaced() {
        let answer = json!({
            "id": ID, "state_id": "6b0cf8a1-2a29-4b34-9b5c-1f6f0a8b7c12", "created": "2026-11-25T12:00:00+02:00",
            "scheduled": "2035-01-01T02:00:00+02:00", "message": format!("no {ID}"), "total_run_time": 2.5,
            "estimated_run_time": 0.0, "ids": [OTHER, UNKNOWN], "text": "x".repeat(500) + "...",
        });
        let expected = json!({
            "id": "$flow.a", "state_id": "<id>", "created": "<time>", "scheduled": "2035-01-01T00:00:00.000000Z",
            "message": "no $flow.a", "total_run_time": "<seconds>", "estimated_run_time": 0.0, "ids": ["$foreign", "$unknown"],
            "text": "$repeat.x.500...",
        });
        assert_eq!(symbols().replace_in(&answer), expected);
    }
}
