//! Mutants of a valid body: copies that each have one error, with the response that the server must give.

use std::collections::BTreeMap;

use api::{
    extract::body::MAX_BODY_BYTES,
    route::{Payload, Route},
};
use axum::body::Bytes;
use control::Cx;
use serde_json::{Value, json};

use crate::{
    contract_file::{Contract, Fields, Kind},
    fixture::{
        WorkspaceFixture, body_kind,
        node::{Node, Walk},
        operation,
    },
    nouns,
};

/// The response that a body must get.
#[derive(Clone, PartialEq, Debug)]
pub enum Expected {
    /// A syntax error with line and column.
    InvalidJson,
    /// A validation error at this location.
    InvalidField(Vec<Value>),
    /// 413.
    TooLarge,
    /// Success: clients may send this body.
    Accepted,
}

/// One changed body.
pub struct Mutant {
    pub description: String,
    pub body: Bytes,
    pub expected: Expected,
}

/// The body that is tested.
pub struct Target {
    pub payload: Payload,
    pub walk: Walk,
    /// The values in the valid body: itself, then those in it.
    pub nodes: Vec<Node>,
}

/// Texts that are not JSON, or more than one JSON value.
const NOT_JSON: [&str; 16] = [
    "{",
    "}",
    "[1,]",
    "{\"a\" 1}",
    "{'a': 1}",
    "{\"a\": 1,}",
    "[1 2]",
    "{\"a\": 01}",
    "{\"a\": .5}",
    "nul",
    "NaN",
    "\"",
    "{\"a\": \"\u{1}\"}",
    "{\"a\": \"\\x\"}",
    "{} {}",
    "\u{feff}{}",
];

/// Is replaced by bytes that `serde_json` can't write.
const PLACEHOLDER: &str = "PLACEHOLDER";

/// All mutants of a valid body.
pub fn mutants(target: &Target) -> Vec<Mutant> {
    let mut all = not_json(target);
    all.extend(wrong_bodies(target));
    for node in &target.nodes {
        all.extend(other_values(target, node));
        all.extend(nul(target, node));
        all.extend(huge_numbers(target, node));
        all.extend(bad_keys(target, node));
    }
    all
}

fn mutant(description: impl Into<String>, body: impl Into<Bytes>, expected: Expected) -> Mutant {
    Mutant { description: description.into(), body: body.into(), expected }
}

fn not_json(target: &Target) -> Vec<Mutant> {
    let text = target.valid().to_string();
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    let mut texts: Vec<Bytes> = NOT_JSON.iter().map(|text| Bytes::from_static(text.as_bytes())).collect();
    texts.extend(
        [nested("[", "]"), nested("{\"a\":", "}"), format!("{text}x"), text[..text.len() - 1].to_owned()]
            .map(Bytes::from),
    );
    let leaf = target.nodes.iter().find(|node| node.is_leaf()).expect("a body has a leaf");
    let marked = target.with(&leaf.loc, json!(PLACEHOLDER)).to_string();
    let bytes = marked.replace(PLACEHOLDER, "\u{1}").into_bytes();
    texts.push(bytes.into_iter().map(|byte| if byte == 1 { 0xff } else { byte }).collect::<Vec<_>>().into());
    texts.push(marked.replace(PLACEHOLDER, "\\ud800").into());
    texts
        .into_iter()
        .map(|text| mutant(format!("{:.40}", String::from_utf8_lossy(&text)), text, Expected::InvalidJson))
        .collect()
}

fn wrong_bodies(target: &Target) -> Vec<Mutant> {
    let other = if target.valid().is_array() { "{}" } else { "[]" };
    let at_body = || Expected::InvalidField(vec!["body".into()]);
    let mut all: Vec<Mutant> = ["true", "-1", "1.5", "\"x\"", "null", other, "[[]]"]
        .into_iter()
        .map(|text| mutant(text, text, at_body()))
        .collect();
    let empty = if target.payload == Payload::Optional { Expected::Accepted } else { at_body() };
    all.extend(["", " \n"].map(|text| mutant("empty body", text, empty.clone())));
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(MAX_BODY_BYTES + 1 - 12));
    assert_eq!(large.len(), MAX_BODY_BYTES + 1);
    all.push(mutant("too large", large, Expected::TooLarge));
    all
}

/// Values of each JSON type. Those that the node's type has must be accepted, the others rejected.
fn other_values(target: &Target, node: &Node) -> Vec<Mutant> {
    let values = [
        json!(null),
        json!(true),
        json!(1),
        json!(1.5),
        json!("x"),
        json!("x y"),
        json!([]),
        json!([[]]),
        json!({"x": {}}),
    ];
    values.into_iter().filter_map(|value| other_value(target, node, value)).collect()
}

fn other_value(target: &Target, node: &Node, value: Value) -> Option<Mutant> {
    let is_valid = target.walk.types.matches(&node.kind, &value);
    let accepted = match &value {
        // Many optional fields may be null although the newest OpenAPI file does not say so: older clients send that.
        Value::Null if !is_valid && !node.is_required => return None,
        _ if is_valid && (node.is_refused || nouns::is_limited(&node.fields)) => return None,
        _ => is_valid,
    };
    Some(target.changed(&node.loc, value, accepted))
}

/// A text with the character NUL.
fn nul(target: &Target, node: &Node) -> Option<Mutant> {
    node.value.as_str()?;
    let kinds = target.walk.types.alternatives(&node.kind);
    let accepted = kinds.contains(&Kind::Any) || kinds.contains(&Kind::Text) && nouns::accepts_nul(&node.fields);
    Some(target.changed(&node.loc, json!("a\0b"), accepted))
}

fn huge_numbers(target: &Target, node: &Node) -> Vec<Mutant> {
    if !node.value.is_number() {
        return Vec::new();
    }
    let marked = target.with(&node.loc, json!(PLACEHOLDER)).to_string();
    let one = |number: &str| {
        let body = marked.replace(&format!("\"{PLACEHOLDER}\""), number);
        let expected = match number {
            "1e400" => Expected::InvalidJson,
            _ if nouns::accepts_number(&node.fields, number) => Expected::Accepted,
            _ => invalid_field(&node.loc),
        };
        mutant(format!("{} = {number}", dotted(&node.loc)), body, expected)
    };
    ["1e400", "1e300", "-99999999999999999999"].map(one).into()
}

/// An unknown key, a duplicate key, and each missing key.
fn bad_keys(target: &Target, node: &Node) -> Vec<Mutant> {
    let Value::Object(object) = &node.value else { return Vec::new() };
    let fields = match target.walk.kind(node) {
        Kind::Named(name) => target.walk.types.fields(&name).expect("an alternative is no union"),
        Kind::FreeForm if target.walk.enters_free_form => Fields { is_closed: false, by_name: BTreeMap::new() },
        // The client chooses the keys.
        _ => return Vec::new(),
    };
    let child = |key: &str| [&node.loc[..], &[json!(key)]].concat();
    let mut all = vec![target.changed(&child("unknown"), json!(1), !fields.is_closed)];
    if let Some((key, value)) = object.iter().next() {
        let duplicated = target.with(&child(PLACEHOLDER), value.clone()).to_string().replace(PLACEHOLDER, key);
        all.push(mutant(format!("{} twice", dotted(&child(key))), duplicated, invalid_field(&child(key))));
    }
    for key in object.keys().filter(|key| fields.by_name.get(key.as_str()).is_some_and(|field| field.is_required)) {
        let mut incomplete = target.valid().clone();
        incomplete.pointer_mut(&pointer(&node.loc)).and_then(Value::as_object_mut).expect("an object").remove(key);
        all.push(mutant(format!("no {}", dotted(&child(key))), incomplete.to_string(), invalid_field(&child(key))));
    }
    all
}

impl Target {
    /// The valid body of a route. It may enter fields whose keys the client chooses.
    pub fn of(fixture: &WorkspaceFixture, route: &Route<Cx>, enters_free_form: bool) -> Self {
        let walk = Walk { types: Contract::read().types(None), operation: operation(route), enters_free_form };
        Self::new(route.payload, walk, &body_kind(route, None), &fixture.body(route))
    }

    pub fn new(payload: Payload, walk: Walk, kind: &Kind, valid: &Value) -> Self {
        let nodes = walk.nodes(kind, valid);
        Self { payload, walk, nodes }
    }

    fn valid(&self) -> &Value {
        &self.nodes[0].value
    }

    /// The valid body with another value at a location. The last key of the location may be new.
    fn with(&self, loc: &[Value], value: Value) -> Value {
        replace_at(self.valid(), loc, value)
    }

    fn changed(&self, loc: &[Value], value: Value, accepted: bool) -> Mutant {
        let expected = if accepted { Expected::Accepted } else { invalid_field(loc) };
        let description = format!("{} = {value}", dotted(loc));
        mutant(description, self.with(loc, value).to_string(), expected)
    }
}

/// A body with another value at a location. The last key of the location may be new.
pub fn replace_at(body: &Value, loc: &[Value], value: Value) -> Value {
    let mut body = body.clone();
    match loc.split_last() {
        Some((Value::String(key), outer)) => body.pointer_mut(&pointer(outer)).expect("an object")[key] = value,
        _ => *body.pointer_mut(&pointer(loc)).expect("a value") = value,
    }
    body
}

fn pointer(loc: &[Value]) -> String {
    loc.iter().map(|step| format!("/{}", step.as_str().map_or_else(|| step.to_string(), str::to_owned))).collect()
}

fn dotted(loc: &[Value]) -> String {
    pointer(loc).trim_start_matches('/').replace('/', ".")
}

fn invalid_field(loc: &[Value]) -> Expected {
    Expected::InvalidField([&[json!("body")], loc].concat())
}
