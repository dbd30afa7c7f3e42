//! The contract file, read: which operations clients know, what a value of one of their types looks like, and what can be asked with one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::house::NOBODY;

const FILE: &str = include_str!("../../contract/operations.json");

/// Operations and types, each with its variants from the oldest client to the newest.
pub struct Contract(Value);

/// The same spelling for operations and routes: no slash at the end, no names of parameters.
pub fn spell(operation: &str) -> String {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let plain: String =
        segments.flat_map(|segment| ["/", if segment.starts_with('{') { "{}" } else { segment }]).collect();
    format!("{method} {plain}")
}

impl Contract {
    pub fn read() -> Self {
        Self(serde_json::from_str(FILE).expect("JSON"))
    }

    /// The variants of each operation, by its spelling.
    pub fn operations(&self) -> BTreeMap<String, &[Value]> {
        let operations = self.0["operations"].as_object().expect("an object");
        operations
            .iter()
            .map(|(name, variants)| (spell(name), variants.as_array().expect("a list").as_slice()))
            .collect()
    }

    /// The type of what an operation's newest variant answers when all goes well; null is nothing.
    pub fn answer(variants: &[Value]) -> &Value {
        let answers = variants.last().and_then(|newest| newest["answers"].as_object()).expect("answers");
        answers.iter().find(|(status, _)| status.starts_with('2')).expect("a success").1
    }

    fn variants(&self, name: &str) -> &[Value] {
        self.0["types"][name].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a value is of this type, in what the newest client calls so, with every field of it and no other.
    pub fn check(&self, value: &Value, kind: &str) -> Result<(), String> {
        let wrong = || Err(format!("{value} is no {kind}"));
        let kinds = alternatives(kind);
        if let [_, _, ..] = kinds.as_slice() {
            let mut complaints = Vec::new();
            for kind in kinds.into_iter().filter(|kind| (*kind == "null") == value.is_null()) {
                match self.check(value, kind) {
                    Ok(()) => return Ok(()),
                    Err(complaint) => complaints.push(complaint),
                }
            }
            return if complaints.is_empty() { wrong() } else { Err(complaints.join(", ")) };
        }
        if let Some(inner) = within(kind, '[', ']') {
            let Some(list) = value.as_array() else { return wrong() };
            return list.iter().try_for_each(|value| self.check(value, inner));
        }
        if let Some(inner) = within(kind, '{', '}') {
            let Some(object) = value.as_object() else { return wrong() };
            return object.values().try_for_each(|value| self.check(value, inner));
        }
        if let Some(newest) = self.variants(kind).last() {
            return match newest["is"].as_str() {
                Some(is) => self.check(value, is),
                None => self.check_fields(value, kind, &newest["fields"]),
            };
        }
        if is_plain(value, kind) { Ok(()) } else { wrong() }
    }

    fn check_fields(&self, value: &Value, kind: &str, fields: &Value) -> Result<(), String> {
        let fields: BTreeMap<&str, &str> = fields_of(fields).collect();
        let empty = Map::new();
        let object = value.as_object().unwrap_or(&empty);
        let (listed, found): (BTreeSet<&str>, BTreeSet<&str>) =
            (fields.keys().copied().collect(), object.keys().map(String::as_str).collect());
        if listed != found {
            let differ: Vec<_> = listed.symmetric_difference(&found).collect();
            return Err(format!("{kind} differs in its fields: {differ:?}"));
        }
        fields.iter().try_for_each(|(field, inner)| {
            self.check(&object[*field], inner).map_err(|complaint| format!("{kind}.{field}: {complaint}"))
        })
    }

    /// Each single thing that can be said with a type, in any client's words: where, and a value to say there.
    pub fn questions(&self, kind: &str) -> Vec<(Vec<String>, Value)> {
        let mut asked = Vec::new();
        self.ask(kind, &mut Vec::new(), &mut asked);
        asked
    }

    fn ask(&self, kind: &str, place: &mut Vec<String>, asked: &mut Vec<(Vec<String>, Value)>) {
        for kind in alternatives(kind).into_iter().filter(|kind| *kind != "null") {
            let variants = self.variants(kind);
            for variant in variants {
                for (field, inner) in fields_of(&variant["fields"]) {
                    place.push(field.to_owned());
                    self.ask(inner, place, asked);
                    place.pop();
                }
                if let Some(is) = variant["is"].as_str() {
                    self.ask(is, place, asked);
                }
            }
            if variants.is_empty() {
                let said = (place.clone(), self.sample(kind));
                if !asked.contains(&said) {
                    asked.push(said);
                }
            }
        }
    }

    fn sample(&self, kind: &str) -> Value {
        if let Some(inner) = within(kind, '[', ']') {
            let word = self.variants(inner).last().and_then(|newest| newest["is"].as_str());
            return json!([self.sample(word.map_or(inner, |words| alternatives(words)[0]))]);
        }
        match kind {
            "uuid" => json!(NOBODY),
            "string" => json!("x"),
            "boolean" => json!(true),
            "integer" | "number" => json!(1),
            "date-time" => json!("2026-11-25T10:00:00Z"),
            _ => json!(within(kind, '"', '"').unwrap_or_else(|| panic!("what is a {kind}?"))),
        }
    }
}

/// The names of fields, without the mark of those that may be left out, and their types.
fn fields_of(fields: &Value) -> impl Iterator<Item = (&str, &str)> {
    let fields = fields.as_object().into_iter().flatten();
    fields.filter_map(|(name, kind)| Some((name.trim_end_matches('?'), kind.as_str()?)))
}

/// `[a | b] | c` is `[a | b]` or `c`.
fn alternatives(kind: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0_usize, 0, Vec::new());
    for (at, letter) in kind.char_indices() {
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '|' if depth == 0 => {
                found.push(kind[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(kind[start..].trim());
    found
}

fn within(kind: &str, open: char, close: char) -> Option<&str> {
    kind.strip_prefix(open)?.strip_suffix(close)
}

fn is_plain(value: &Value, kind: &str) -> bool {
    let text = value.as_str();
    match kind {
        "any" => true,
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => text.is_some(),
        "uuid" => text.is_some_and(|text| text.len() == 36 && text.parse::<uuid::Uuid>().is_ok()),
        "date-time" => text.is_some_and(|text| text.len() == 27 && text.parse::<model::time::Timestamp>().is_ok()),
        _ => text.is_some() && within(kind, '"', '"') == text,
    }
}
