//! Reads the contract file: the operations that clients know, the shapes of their types, and sample values of each field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::fixture::UNKNOWN_ID;

const FILE: &str = include_str!("../../contract/operations.json");

/// Operations and types, each with its variants from the oldest client to the newest.
pub struct Contract(Value);

/// One notation for operations and routes: without a trailing slash and without parameter names.
pub fn normalize_operation(operation: &str) -> String {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let path: String =
        segments.flat_map(|segment| ["/", if segment.starts_with('{') { "{}" } else { segment }]).collect();
    format!("{method} {path}")
}

impl Contract {
    pub fn read() -> Self {
        Self(serde_json::from_str(FILE).expect("JSON"))
    }

    /// The variants of each operation, by its normalized name.
    pub fn operations(&self) -> BTreeMap<String, &[Value]> {
        let operations = self.0["operations"].as_object().expect("an object");
        operations
            .iter()
            .map(|(name, variants)| (normalize_operation(name), variants.as_array().expect("a list").as_slice()))
            .collect()
    }

    /// The type of the successful response of an operation's newest variant; null for no body.
    pub fn response(variants: &[Value]) -> &Value {
        let answers = variants.last().and_then(|newest| newest["answers"].as_object()).expect("answers");
        answers.iter().find(|(status, _)| status.starts_with('2')).expect("a success").1
    }

    fn variants(&self, name: &str) -> &[Value] {
        self.0["types"][name].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Checks that a value has this type, as the newest client defines it, with all its fields and no others.
    pub fn check(&self, value: &Value, kind: &str) -> Result<(), String> {
        let wrong = || Err(format!("{value} is no {kind}"));
        let kinds = alternatives(kind);
        if let [_, _, ..] = kinds.as_slice() {
            let mut errors = Vec::new();
            for kind in kinds.into_iter().filter(|kind| (*kind == "null") == value.is_null()) {
                match self.check(value, kind) {
                    Ok(()) => return Ok(()),
                    Err(error) => errors.push(error),
                }
            }
            return if errors.is_empty() { wrong() } else { Err(errors.join(", ")) };
        }
        if let Some(inner) = between(kind, '[', ']') {
            let Some(list) = value.as_array() else { return wrong() };
            return list.iter().try_for_each(|value| self.check(value, inner));
        }
        if let Some(inner) = between(kind, '{', '}') {
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
            return Err(format!("the fields of {kind} differ: {differ:?}"));
        }
        fields.iter().try_for_each(|(field, inner)| {
            self.check(&object[*field], inner).map_err(|error| format!("{kind}.{field}: {error}"))
        })
    }

    /// A location and a sample value for each field of a type, in any client's variant.
    pub fn samples(&self, kind: &str) -> Vec<(Vec<String>, Value)> {
        let mut samples = Vec::new();
        self.collect_samples(kind, &mut Vec::new(), &mut samples);
        samples
    }

    fn collect_samples(&self, kind: &str, loc: &mut Vec<String>, samples: &mut Vec<(Vec<String>, Value)>) {
        for kind in alternatives(kind).into_iter().filter(|kind| *kind != "null") {
            let variants = self.variants(kind);
            for variant in variants {
                for (field, inner) in fields_of(&variant["fields"]) {
                    loc.push(field.to_owned());
                    self.collect_samples(inner, loc, samples);
                    loc.pop();
                }
                if let Some(is) = variant["is"].as_str() {
                    self.collect_samples(is, loc, samples);
                }
            }
            if variants.is_empty() {
                let sample = (loc.clone(), self.sample_value(kind));
                if !samples.contains(&sample) {
                    samples.push(sample);
                }
            }
        }
    }

    fn sample_value(&self, kind: &str) -> Value {
        if let Some(inner) = between(kind, '[', ']') {
            let alias = self.variants(inner).last().and_then(|newest| newest["is"].as_str());
            return json!([self.sample_value(alias.map_or(inner, |alias| alternatives(alias)[0]))]);
        }
        match kind {
            "uuid" => json!(UNKNOWN_ID),
            "string" => json!("x"),
            "boolean" => json!(true),
            "integer" | "number" => json!(1),
            "date-time" => json!("2026-11-25T10:00:00Z"),
            _ => json!(between(kind, '"', '"').unwrap_or_else(|| panic!("no sample value for {kind}"))),
        }
    }
}

/// The names of fields, without the `?` of optional ones, and their types.
fn fields_of(fields: &Value) -> impl Iterator<Item = (&str, &str)> {
    let fields = fields.as_object().into_iter().flatten();
    fields.filter_map(|(name, kind)| Some((name.trim_end_matches('?'), kind.as_str()?)))
}

/// `[a | b] | c` is `[a | b]` or `c`.
fn alternatives(kind: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0_usize, 0, Vec::new());
    for (index, character) in kind.char_indices() {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '|' if depth == 0 => {
                found.push(kind[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    found.push(kind[start..].trim());
    found
}

fn between(kind: &str, open: char, close: char) -> Option<&str> {
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
        _ => text.is_some() && between(kind, '"', '"') == text,
    }
}
