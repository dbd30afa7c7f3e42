//! JSON as people type and read it: parsing with errors that name the line, and formatting that keeps short lists in one line.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A value has too many characters, written as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a value has at most {most} characters as JSON, got {characters}")]
pub struct TooLong {
    pub most: usize,
    pub characters: usize,
}

impl TooLong {
    /// Checks how many characters a value has.
    pub(crate) fn check(characters: usize, most: usize) -> Result<(), Self> {
        if characters > most { Err(Self { most, characters }) } else { Ok(()) }
    }
}

/// The value, if it has at most so many characters as JSON.
pub(crate) fn bounded(value: Value, most: usize) -> Result<Value, TooLong> {
    TooLong::check(value.to_string().chars().count(), most)?;
    Ok(value)
}

/// Why a text is not JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("Line {line}: {reason}")]
pub struct JsonError {
    /// The line of the error, from 1 on.
    pub line: usize,
    reason: &'static str,
}

/// The beginnings of the parser's messages, and what is shown instead.
const REASONS: &[(&str, &str)] = &[
    ("trailing comma", "a comma before } or ] isn’t allowed"),
    ("key must be a string", "a key has to be in double quotes"),
    ("expected `:`", "a colon is missing after the key"),
    ("expected `,` or `}`", "a comma or } is missing"),
    ("expected `,` or `]`", "a comma or ] is missing"),
    ("trailing characters", "there is extra text after the value"),
    ("expected", "a value is missing, or text isn’t in double quotes"),
    ("EOF while parsing a string", "the closing double quote is missing"),
    ("EOF while parsing an object", "the closing } is missing"),
    ("EOF while parsing a list", "the closing ] is missing"),
    ("EOF", "a value is missing"),
    ("control character", "in a string, write a line break as \\n and a tab as \\t"),
    ("invalid escape", "in a string, write a backslash as \\\\"),
    ("invalid number", "enter a number, such as 48, -0.5 or 1e6"),
    ("number out of range", "the number is too large"),
    ("recursion limit", "objects and lists are nested too deeply"),
];

/// Parses JSON.
///
/// # Errors
/// [`JsonError`] with the first line that is not JSON.
pub fn parse(text: &str) -> Result<Value, JsonError> {
    serde_json::from_str(text).map_err(|error| explain(&error))
}

/// What a text of JSON is. The same parser as [`parse`] with the same errors, but it builds no value: the code that does is too large
/// for the browser.
///
/// # Errors
/// As [`parse`].
pub fn check(text: &str) -> Result<Shape, JsonError> {
    serde_json::from_str(text).map_err(|error| explain(&error))
}

fn explain(error: &serde_json::Error) -> JsonError {
    let message = error.to_string();
    let reason = REASONS.iter().find(|(start, _)| message.starts_with(start));
    JsonError { line: error.line().max(1), reason: reason.map_or("this isn’t JSON", |(_, reason)| reason) }
}

/// What a value is, with the size of lists and objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Null,
    Boolean,
    Number,
    Text,
    List(usize),
    Object(usize),
}

impl fmt::Display for Shape {
    /// "an object with 3 keys".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = |count: usize| if count == 1 { "" } else { "s" };
        match *self {
            Self::Null => f.write_str("null"),
            Self::Boolean => f.write_str("a boolean"),
            Self::Number => f.write_str("a number"),
            Self::Text => f.write_str("a string"),
            Self::List(values) => write!(f, "a list of {values} value{}", s(values)),
            Self::Object(keys) => write!(f, "an object with {keys} key{}", s(keys)),
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Boolean)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let mut count: usize = 0;
        while list.next_element::<Shape>()?.is_some() {
            count += 1;
        }
        Ok(Shape::List(count))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Shape, A::Error> {
        let mut count: usize = 0;
        while object.next_entry::<Shape, Shape>()?.is_some() {
            count += 1;
        }
        Ok(Shape::Object(count))
    }
}

/// How many characters a text has as JSON, with its quotes.
#[must_use]
pub fn quoted_characters(text: &str) -> usize {
    let characters = |letter| match letter {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => "\\u0000".len(),
        _ => 1,
    };
    text.chars().map(characters).sum::<usize>() + 2
}

/// How many characters a text of JSON has without the spaces and line breaks between its values.
#[must_use]
pub fn compact_characters(json: &str) -> usize {
    let (mut count, mut in_text, mut escaped) = (0, false, false);
    for letter in json.chars() {
        if in_text || !letter.is_ascii_whitespace() {
            count += 1;
        }
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ => {}
        }
    }
    count
}

/// The value in one line: `{ "GB": 0.2, "IE": [7, 19] }`.
#[must_use]
pub fn one_line(value: &Value) -> String {
    let joined = |items: Vec<String>| items.join(", ");
    match value {
        Value::Array(items) => format!("[{}]", joined(items.iter().map(one_line).collect())),
        Value::Object(entries) if !entries.is_empty() => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", key_text(key), one_line(value)));
            format!("{{ {} }}", joined(entries.collect()))
        }
        scalar => scalar.to_string(),
    }
}

/// The most characters of an object or a list in one line of [`indented`].
const LINE_CHARACTERS: usize = 60;

/// The value in lines, indented by two spaces. An object or a list that fits into one line has one, and several numbers share a line.
#[must_use]
pub fn indented(value: &Value) -> String {
    let mut text = String::new();
    write_indented(value, 0, &mut text);
    text
}

/// An object as by [`indented`], but with a line for each of its entries, however few they are.
#[must_use]
pub fn entries(object: &Map<String, Value>) -> String {
    let mut text = String::new();
    write_object(object, 0, &mut text);
    text
}

fn write_indented(value: &Value, depth: usize, text: &mut String) {
    let is_short = room_after(value, LINE_CHARACTERS.saturating_sub(2 * depth)).is_some();
    match value {
        Value::Array(items) if !is_short => write_list(items, depth, text),
        Value::Object(object) if !is_short => write_object(object, depth, text),
        _ => text.push_str(&one_line(value)),
    }
}

fn write_object(object: &Map<String, Value>, depth: usize, text: &mut String) {
    let entries = object.iter().map(|(key, value)| {
        let mut entry = format!("{}: ", key_text(key));
        write_indented(value, depth + 1, &mut entry);
        entry
    });
    write_block(['{', '}'], entries, depth, text);
}

fn write_list(items: &[Value], depth: usize, text: &mut String) {
    let mut lines: Vec<String> = Vec::new();
    // A comma follows.
    let most = LINE_CHARACTERS.saturating_sub(2 * (depth + 1) + 1);
    let mut shares_line = false;
    for item in items {
        let mut line = String::new();
        write_indented(item, depth + 1, &mut line);
        let is_number = item.is_number();
        match lines.last_mut() {
            Some(last) if shares_line && is_number && last.len() + 2 + line.len() <= most => {
                last.push_str(", ");
                last.push_str(&line);
            }
            _ => lines.push(line),
        }
        shares_line = is_number;
    }
    write_block(['[', ']'], lines.into_iter(), depth, text);
}

/// Writes the lines of a block between its brackets.
fn write_block([open, close]: [char; 2], lines: impl Iterator<Item = String>, depth: usize, text: &mut String) {
    text.push(open);
    for (index, line) in lines.enumerate() {
        text.push_str(if index > 0 { ",\n" } else { "\n" });
        text.push_str(&"  ".repeat(depth + 1));
        text.push_str(&line);
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

/// How many of `room` characters are left after the value in one line; none if it has more. It reads little of a long value.
fn room_after(value: &Value, room: usize) -> Option<usize> {
    let after_separator = |room: usize, index: usize| room.checked_sub(if index > 0 { 2 } else { 0 });
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_fold(room.checked_sub(2)?, |room, (index, item)| room_after(item, after_separator(room, index)?)),
        Value::Object(entries) if !entries.is_empty() => {
            entries.iter().enumerate().try_fold(room.checked_sub(4)?, |room, (index, (key, value))| {
                let room = room_after_text(key, after_separator(room, index)?)?;
                room_after(value, room.checked_sub(2)?)
            })
        }
        Value::String(text) => room_after_text(text, room),
        scalar => room.checked_sub(scalar.to_string().len()),
    }
}

fn room_after_text(text: &str, room: usize) -> Option<usize> {
    // A character has at most four bytes.
    if text.len() / 4 > room { None } else { room.checked_sub(quoted_characters(text)) }
}

fn key_text(key: &str) -> String {
    Value::from(key).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{check, compact_characters, entries, indented, one_line, parse, quoted_characters, room_after};

    #[test]
    fn errors_name_the_line_and_what_to_write() {
        for (text, expected) in [
            ("{\"a\": 1,\n}", "Line 2: a comma before } or ] isn’t allowed"),
            ("[1,]", "Line 1: a comma before } or ] isn’t allowed"),
            ("{a: 1}", "Line 1: a key has to be in double quotes"),
            ("{\"a\" 1}", "Line 1: a colon is missing after the key"),
            ("{\"a\": 1\n \"b\": 2}", "Line 2: a comma or } is missing"),
            ("[1 2]", "Line 1: a comma or ] is missing"),
            ("1 2", "Line 1: there is extra text after the value"),
            ("hello", "Line 1: a value is missing, or text isn’t in double quotes"),
            ("nil", "Line 1: a value is missing, or text isn’t in double quotes"),
            ("[\n\"a]", "Line 2: the closing double quote is missing"),
            ("{\"a\": 1", "Line 1: the closing } is missing"),
            ("[[1]", "Line 1: the closing ] is missing"),
            ("", "Line 1: a value is missing"),
            ("\"a\nb\"", "Line 2: in a string, write a line break as \\n and a tab as \\t"),
            (r#""C:\dir""#, "Line 1: in a string, write a backslash as \\\\"),
            ("01", "Line 1: enter a number, such as 48, -0.5 or 1e6"),
            ("1e999", "Line 1: the number is too large"),
            (&"[".repeat(200), "Line 1: objects and lists are nested too deeply"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text:?}");
            assert_eq!(check(text).unwrap_err().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_value_is_described_with_its_size() {
        for (value, expected) in [
            (json!({"a": 1, "b": 2}), "an object with 2 keys"),
            (json!({"a": {}}), "an object with 1 key"),
            (json!([]), "a list of 0 values"),
            (json!("x"), "a string"),
            (json!(null), "null"),
        ] {
            assert_eq!(check(&value.to_string()).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn characters_are_counted_as_they_are_stored() {
        for text in ["", "é", "say \"hi\" \\", "a\nb\t\u{8}\u{c}\r\u{1}\0"] {
            assert_eq!(quoted_characters(text), Value::from(text).to_string().chars().count(), "{text:?}");
        }
        let value = json!({"a b": ["\\", " \" é", 1.5, null], "c": {}});
        assert_eq!(
            compact_characters(&serde_json::to_string_pretty(&value).unwrap()),
            value.to_string().chars().count()
        );
    }

    #[test]
    fn short_objects_and_lists_stay_in_one_line() {
        let zones = json!({
            "eu-north": {"peak": [7, 19], "rate": 0.3142}, "eu-west": {"peak": [8, 20], "rate": 0.2871}, "none": [],
        });
        let lines = "{\n  \"eu-north\": { \"peak\": [7, 19], \"rate\": 0.3142 },\n  \
                     \"eu-west\": { \"peak\": [8, 20], \"rate\": 0.2871 },\n  \"none\": []\n}";
        assert_eq!(indented(&zones), lines);
        assert_eq!(one_line(&zones["eu-north"]), r#"{ "peak": [7, 19], "rate": 0.3142 }"#);
    }

    #[test]
    fn numbers_share_lines_and_other_values_have_their_own() {
        let numbers: Vec<u32> = (100..160).collect();
        let text = indented(&json!(numbers));
        assert_eq!(text.lines().count(), 2 + 60 / 11 + 1, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert!(text.starts_with("[\n  100, 101, 102, 103,"), "{text}");
        let names = json!(["a".repeat(30), "b".repeat(30), 1, 2, "c"]);
        let lines = indented(&names);
        let lines: Vec<_> = lines.lines().skip(1).map(|line| line.trim().chars().take(4).collect::<String>()).collect();
        assert_eq!(lines, ["\"aaa", "\"bbb", "1, 2", "\"c\"", "]"]);
    }

    #[test]
    fn entries_have_a_line_each() {
        let object = json!({"days": 3, "port": {"name": "Leith", "quay": [1, 2]}});
        let text = "{\n  \"days\": 3,\n  \"port\": { \"name\": \"Leith\", \"quay\": [1, 2] }\n}";
        assert_eq!(entries(object.as_object().unwrap()), text);
    }

    #[test]
    fn room_is_what_one_line_leaves() {
        for value in [json!([]), json!({}), json!([1, [2.5, null], true]), json!({"a\n": "é\"", "b": {"c": [{}]}})] {
            let length = one_line(&value).chars().count();
            assert_eq!(room_after(&value, length + 3), Some(3), "{value}");
            assert_eq!(room_after(&value, length - 1), None, "{value}");
        }
        assert_eq!(room_after(&json!("x".repeat(1_000)), 60), None);
    }

    #[test]
    fn formatted_values_are_the_same_values() {
        let long = "lines\nand \"quotes\" ".repeat(5);
        let numbers: Vec<i64> = (-50..50).collect();
        let mixed = json!([[[long], numbers], {"k\"ey": long, "n": -0.5e-7}, 1, 2]);
        for value in [json!({}), mixed, json!("a\u{0}b"), Value::Null] {
            assert_eq!(parse(&indented(&value)), Ok(value.clone()));
            assert_eq!(parse(&one_line(&value)), Ok(value));
        }
    }
}
