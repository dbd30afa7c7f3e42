//! The checksum of a block schema.
//!
//! Clients compute it too, and look a schema up by it. So the hashed text must equal theirs byte by byte: the schema without its secret
//! fields and without the blocks inside it, as JSON with sorted keys in the form that Python writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use model::wire::Object;
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// The key under which a schema has the schemas that it refers to.
const DEFINITIONS: &str = "definitions";
/// The prefix of references to them.
const PREFIX: &str = "#/definitions/";

/// The checksum of a schema with these fields.
#[must_use]
pub fn checksum(fields: &Object) -> String {
    let mut text = String::from("[[");
    write_object(&hashed_fields(fields), &mut text);
    text.push_str("], {}]");
    Sha256::digest(&text).iter().fold(String::from("sha256:"), |mut sum, byte| {
        // Writing to a String can't fail.
        let _infallible = write!(sum, "{byte:02x}");
        sum
    })
}

/// The fields to hash. Of the definitions, only those that are referred to and are not blocks are part of the checksum.
fn hashed_fields(fields: &Object) -> Object {
    let mut hashed = fields.clone();
    let Some(Value::Object(definitions)) = hashed.get_mut(DEFINITIONS) else { return hashed };
    if definitions.is_empty() {
        return hashed;
    }
    let mut used = BTreeSet::new();
    fields.values().for_each(|value| collect_references(value, &mut used));
    definitions.retain(|key, definition| {
        let definition = definition.as_object().filter(|definition| !definition.is_empty());
        let is_model = |definition: &Object| definition.get("block_type_slug").is_none_or(Value::is_null);
        used.contains(key.as_str()) && definition.is_some_and(is_model)
    });
    if definitions.is_empty() {
        hashed.remove(DEFINITIONS);
    }
    hashed
}

fn collect_references<'v>(value: &'v Value, to: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(object) => {
            if let Some(path) = object.get("$ref").and_then(Value::as_str) {
                to.insert(path.strip_prefix(PREFIX).unwrap_or(path));
            }
            object.values().for_each(|value| collect_references(value, to));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, to)),
        _ => {}
    }
}

fn write_value(value: &Value, to: &mut String) {
    match value {
        Value::Object(object) => write_object(object, to),
        Value::Array(items) => {
            to.push('[');
            for (index, item) in items.iter().enumerate() {
                to.push_str(if index == 0 { "" } else { ", " });
                write_value(item, to);
            }
            to.push(']');
        }
        Value::String(text) => write_text(text, to),
        Value::Number(number) => write_number(number, to),
        Value::Bool(_) | Value::Null => to.push_str(&value.to_string()),
    }
}

fn write_object(object: &Object, to: &mut String) {
    let hashed = object.iter().filter(|(key, _)| *key != "secret_fields");
    // The order of keys in an `Object` depends on a feature of serde_json.
    let sorted: BTreeMap<&String, &Value> = hashed.collect();
    to.push('{');
    for (index, (key, value)) in sorted.into_iter().enumerate() {
        to.push_str(if index == 0 { "" } else { ", " });
        write_text(key, to);
        to.push_str(": ");
        write_value(value, to);
    }
    to.push('}');
}

/// Writes a string as Python does, which escapes everything beyond ASCII as UTF-16 code units.
fn write_text(text: &str, to: &mut String) {
    to.push('"');
    for letter in text.chars() {
        match letter {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            '\u{8}' => to.push_str("\\b"),
            '\u{c}' => to.push_str("\\f"),
            ' '..='~' => to.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _infallible = write!(to, "\\u{unit:04x}");
                }
            }
        }
    }
    to.push('"');
}

/// Writes a number as Python does: floats have Rust's debug form, but an exponent has a sign and at least two digits.
fn write_number(number: &Number, to: &mut String) {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return to.push_str(&number.to_string()) };
    let text = format!("{float:?}");
    let _infallible = match text.split_once('e') {
        None => write!(to, "{text}"),
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            write!(to, "{digits}e{sign}{exponent:0>2}")
        }
    };
}

#[cfg(test)]
mod tests {
    use model::wire::Object;
    use serde_json::{Value, json};

    use super::{checksum, write_number, write_text};

    fn sum(fields: &Value) -> String {
        checksum(fields.as_object().unwrap())
    }

    /// The schema that the oldest client registers before each run, and the checksum that the reference server computes.
    #[test]
    fn a_small_schema_has_the_reference_checksum() {
        let fields = json!({
            "title": "LocalFileSystem", "description": "Store data as a file on a local file system.", "type": "object",
            "properties": {"basepath": {"title": "Basepath", "type": "string"}},
            "block_type_slug": "local-file-system", "secret_fields": [], "block_schema_references": {},
        });
        assert_eq!(sum(&fields), "sha256:aabea745455b293958df137fcbef324129dcf9159119c2120da60d3575887649");
    }

    /// A schema with a block, models, and numbers and strings with several possible spellings, and the checksum that client 3.8.8 computes.
    #[test]
    fn a_schema_with_definitions_has_the_clients_checksum() {
        let text = include_str!("checksum/parent.json");
        let fields: Object = serde_json::from_str(text).unwrap();
        assert_eq!(checksum(&fields), "sha256:3e19bef06b2eee9be3895c390b1c61614179af5b6c81a185101835d58715b402");
    }

    #[test]
    fn secret_fields_and_inner_blocks_are_not_hashed() {
        let bare = json!({"title": "A", "properties": {"b": {"$ref": "#/definitions/B"}}});
        let with_secrets = json!({
            "title": "A", "secret_fields": ["x"], "properties": {"b": {"$ref": "#/definitions/B", "secret_fields": []}},
            "definitions": {"B": {"block_type_slug": "b"}, "Unused": {"title": "U"}},
        });
        assert_eq!(sum(&bare), sum(&with_secrets));
        let model = json!({
            "title": "A", "properties": {"b": {"$ref": "#/definitions/B"}}, "definitions": {"B": {"title": "B"}},
        });
        assert_ne!(sum(&bare), sum(&model));
    }

    #[test]
    fn strings_and_numbers_are_written_as_python_does() {
        let mut text = String::new();
        write_text("a\"\\\n\t\u{1}\u{7f}é😀", &mut text);
        assert_eq!(text, r#""a\"\\\n\t\u0001\u007f\u00e9\ud83d\ude00""#);
        for (number, python) in [
            ("1e16", "1e+16"),
            ("1.5e-7", "1.5e-07"),
            ("0.0001", "0.0001"),
            ("1e100", "1e+100"),
            ("-0.0", "-0.0"),
            ("2.0", "2.0"),
            ("123456789012345.6", "123456789012345.6"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            let mut text = String::new();
            write_number(&serde_json::from_str(number).unwrap(), &mut text);
            assert_eq!(text, python);
        }
    }
}
