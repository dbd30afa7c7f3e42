//! The notation of types in the contract file.

use std::slice;

use serde_json::Value;

/// A type. What it is called in the file stands beside it where that differs.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    Any,
    Null,
    Boolean,
    Integer,
    Number,
    /// `string`, also with a format that the server need not know: `uri`, `password`, …
    Text,
    Uuid,
    /// `date-time`
    Time,
    /// `object`: the client chooses the keys and the types of the values.
    FreeForm,
    /// `"and_"`
    Constant(String),
    /// `[T]`
    List(Box<Self>),
    /// `{T}`: the client chooses the keys.
    Map(Box<Self>),
    /// `A | B`
    Union(Vec<Self>),
    Named(String),
}

impl Kind {
    pub fn parse(text: &str) -> Self {
        let mut alternatives: Vec<Self> = split(text).into_iter().map(Self::parse_one).collect();
        if alternatives.len() == 1 { alternatives.remove(0) } else { Self::Union(alternatives) }
    }

    fn parse_one(text: &str) -> Self {
        let between = |open, close| text.strip_prefix(open)?.strip_suffix(close);
        if let Some(inner) = between('[', ']') {
            return Self::List(Box::new(Self::parse(inner)));
        }
        if let Some(inner) = between('{', '}') {
            return Self::Map(Box::new(Self::parse(inner)));
        }
        if let Some(constant) = between('"', '"') {
            return Self::Constant(constant.to_owned());
        }
        match text {
            "any" => Self::Any,
            "null" => Self::Null,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            // Older OpenAPI files call seconds a time-delta.
            "number" | "time-delta" => Self::Number,
            "string" | "uri" | "password" | "path" | "binary" | "duration" => Self::Text,
            "uuid" => Self::Uuid,
            "date-time" => Self::Time,
            "object" => Self::FreeForm,
            name => {
                let is_name = name.starts_with(|first: char| first.is_ascii_uppercase());
                assert!(is_name, "{name} is no type");
                Self::Named(name.to_owned())
            }
        }
    }

    /// The type of a value, as far as it shows.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List(Box::new(Self::Any)),
            Value::Object(_) => Self::FreeForm,
        }
    }

    /// The name of a type that has one.
    pub fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self { Some(name) } else { None }
    }

    pub fn alternatives(&self) -> &[Self] {
        match self {
            Self::Union(alternatives) => alternatives,
            one => slice::from_ref(one),
        }
    }
}

/// The alternatives of a union: `[a | b] | c` is `[a | b]` or `c`.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0_usize, 0, Vec::new());
    for (index, character) in text.char_indices() {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '|' if depth == 0 => {
                found.push(text[start..index].trim());
                start = index + 1;
            }
            _ => {}
        }
    }
    found.push(text[start..].trim());
    found
}

#[test]
fn nested_types_are_parsed() {
    let list = |inner| Kind::List(Box::new(inner));
    let union = Kind::Union(vec![Kind::Integer, list(Kind::Union(vec![Kind::Uuid, Kind::Null])), Kind::Null]);
    assert_eq!(Kind::parse("integer | [uuid | null] | null"), union);
    assert_eq!(Kind::parse("{[FlowRun]}"), Kind::Map(Box::new(list(Kind::Named("FlowRun".to_owned())))));
    assert_eq!(Kind::parse("\"and_\""), Kind::Constant("and_".to_owned()));
}
