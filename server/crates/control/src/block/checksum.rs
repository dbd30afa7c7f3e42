//! What a block schema is known by.
//!
//! Clients compute it as well, and look a schema up by it, so the text that is hashed must be the one they hash, to the byte: the schema without
//! what it says about secrets and about blocks inside it, as Python writes JSON with sorted keys.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use model::wire::Object;
use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// Where a schema keeps the schemas that it refers to.
const DEFINITIONS: &str = "definitions";
/// A path to one of them begins so.
const PREFIX: &str = "#/definitions/";

/// The checksum of a schema with these fields.
#[must_use]
pub fn checksum(fields: &Object) -> String {
    let mut text = String::from("[[");
    write_object(&counted(fields), &mut text);
    text.push_str("], {}]");
    Sha256::digest(&text).iter().fold(String::from("sha256:"), |mut sum, byte| {
        // Writing to a String can't fail.
        let _infallible = write!(sum, "{byte:02x}");
        sum
    })
}

/// The fields with those definitions alone that are referred to and are no blocks.
fn counted(fields: &Object) -> Object {
    let mut counted = fields.clone();
    let Some(Value::Object(definitions)) = counted.get_mut(DEFINITIONS) else { return counted };
    if definitions.is_empty() {
        return counted;
    }
    let mut used = BTreeSet::new();
    fields.values().for_each(|value| collect_references(value, &mut used));
    definitions.retain(|key, definition| {
        let definition = definition.as_object().filter(|definition| !definition.is_empty());
        let is_model = |definition: &Object| definition.get("block_type_slug").is_none_or(Value::is_null);
        used.contains(key.as_str()) && definition.is_some_and(is_model)
    });
    if definitions.is_empty() {
        counted.remove(DEFINITIONS);
    }
    counted
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
            for (at, item) in items.iter().enumerate() {
                to.push_str(if at == 0 { "" } else { ", " });
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
    let told = object.iter().filter(|(key, _)| *key != "secret_fields");
    // An object may keep the order in which its keys came.
    let sorted: BTreeMap<&String, &Value> = told.collect();
    to.push('{');
    for (at, (key, value)) in sorted.into_iter().enumerate() {
        to.push_str(if at == 0 { "" } else { ", " });
        write_text(key, to);
        to.push_str(": ");
        write_value(value, to);
    }
    to.push('}');
}

/// Python escapes everything beyond ASCII, in units of UTF-16.
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

/// Python's floats: as Rust's debug form, but an exponent has a sign and two digits.
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

    /// The schema that the oldest client registers before each run, and the sum that the reference server gives it.
    #[test]
    fn a_small_schema_has_the_sum_that_others_give_it() {
        let fields = json!({
            "title": "LocalFileSystem", "description": "Store data as a file on a local file system.", "type": "object",
            "properties": {"basepath": {"title": "Basepath", "type": "string"}},
            "block_type_slug": "local-file-system", "secret_fields": [], "block_schema_references": {},
        });
        assert_eq!(sum(&fields), "sha256:aabea745455b293958df137fcbef324129dcf9159119c2120da60d3575887649");
    }

    /// A schema with a block, models, and numbers and texts that are easily written differently, and the sum that the 3.8.8 client gives it.
    #[test]
    fn a_schema_with_schemas_in_it_has_the_sum_that_others_give_it() {
        let text = include_str!("checksum/parent.json");
        let fields: Object = serde_json::from_str(text).unwrap();
        assert_eq!(checksum(&fields), "sha256:3e19bef06b2eee9be3895c390b1c61614179af5b6c81a185101835d58715b402");
    }

    #[test]
    fn secrets_and_blocks_inside_do_not_count() {
        let bare = json!({"title": "A", "properties": {"b": {"$ref": "#/definitions/B"}}});
        let told = json!({
            "title": "A", "secret_fields": ["x"], "properties": {"b": {"$ref": "#/definitions/B", "secret_fields": []}},
            "definitions": {"B": {"block_type_slug": "b"}, "Unused": {"title": "U"}},
        });
        assert_eq!(sum(&bare), sum(&told));
        let model = json!({
            "title": "A", "properties": {"b": {"$ref": "#/definitions/B"}}, "definitions": {"B": {"title": "B"}},
        });
        assert_ne!(sum(&bare), sum(&model));
    }

    #[test]
    fn texts_and_numbers_are_written_as_python_writes_them() {
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
