//! Mutants of a valid body: copies that each have one error, with the response that the server must give.

use api::{extract::body::MAX_BODY_BYTES, route::Payload};
use axum::body::Bytes;
use serde_json::{Value, json};

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

/// The route that is tested.
pub struct Target<'a> {
    /// `POST /flows`.
    pub route: &'a str,
    pub payload: Payload,
    pub valid: &'a Value,
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

/// All mutants of a route's valid body.
pub fn mutants(target: &Target<'_>) -> Vec<Mutant> {
    let mut all = not_json(target.valid);
    all.extend(wrong_bodies(target));
    for (loc, value) in locations(target.valid, |loc| !is_free_form(loc)) {
        all.extend(wrong_kinds(target, &loc, &value));
        all.extend(bad_texts(target, &loc, &value));
        all.extend(huge_numbers(target, &loc, &value));
        all.extend(bad_keys(target, &loc, &value));
    }
    all
}

fn mutant(description: impl Into<String>, body: impl Into<Bytes>, expected: Expected) -> Mutant {
    Mutant { description: description.into(), body: body.into(), expected }
}

fn not_json(valid: &Value) -> Vec<Mutant> {
    let text = valid.to_string();
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    let mut texts: Vec<Bytes> = NOT_JSON.iter().map(|text| Bytes::from_static(text.as_bytes())).collect();
    texts.extend(
        [nested("[", "]"), nested("{\"a\":", "}"), format!("{text}x"), text[..text.len() - 1].to_owned()]
            .map(Bytes::from),
    );
    let (loc, _) = locations(valid, |loc| !is_free_form(loc))
        .into_iter()
        .find(|(_, value)| is_leaf(value))
        .expect("a body has a leaf");
    let marked = replace_at(valid, &loc, json!(PLACEHOLDER)).to_string();
    let bytes = marked.replace(PLACEHOLDER, "\u{1}").into_bytes();
    texts.push(bytes.into_iter().map(|byte| if byte == 1 { 0xff } else { byte }).collect::<Vec<_>>().into());
    texts.push(marked.replace(PLACEHOLDER, "\\ud800").into());
    texts
        .into_iter()
        .map(|text| mutant(format!("{:.40}", String::from_utf8_lossy(&text)), text, Expected::InvalidJson))
        .collect()
}

fn wrong_bodies(target: &Target<'_>) -> Vec<Mutant> {
    let other = if target.valid.is_array() { "{}" } else { "[]" };
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

fn wrong_kinds(target: &Target<'_>, loc: &[Value], value: &Value) -> Vec<Mutant> {
    let wrong = match value {
        Value::Null => vec![json!(true), json!(1.5), json!([[]]), json!({"x": {}})],
        Value::Bool(_) => vec![json!(1), json!("x"), json!([]), json!({"x": {}})],
        Value::Number(_) => vec![json!(true), json!("x"), json!([[]]), json!({"x": {}})],
        Value::String(text) if is_constrained(text) => {
            vec![json!(true), json!(1.5), json!([]), json!({"x": {}}), json!("x y")]
        }
        Value::String(_) => vec![json!(true), json!(1.5), json!([]), json!({"x": {}})],
        Value::Array(_) => vec![json!(true), json!(1.5), json!("x"), json!({"x": {}}), json!([[]])],
        Value::Object(_) => vec![json!(true), json!(1.5), json!("x"), json!([]), json!([[]])],
    };
    let one = |wrong: Value| {
        // A label is a string, a number or a boolean.
        let accepted = is_label(loc) && !wrong.is_array() && !wrong.is_object();
        changed(target, loc, wrong, accepted)
    };
    wrong.into_iter().map(one).collect()
}

fn bad_texts(target: &Target<'_>, loc: &[Value], value: &Value) -> Option<Mutant> {
    let accepted = match value {
        Value::String(text) if is_constrained(text) => false,
        Value::String(_) => accepts_nul(target.route, loc),
        _ => return None,
    };
    Some(changed(target, loc, json!("a\0b"), accepted))
}

fn huge_numbers(target: &Target<'_>, loc: &[Value], value: &Value) -> Vec<Mutant> {
    if !value.is_number() {
        return Vec::new();
    }
    let (name, marked) = (last_key(loc), replace_at(target.valid, loc, json!(PLACEHOLDER)).to_string());
    let one = |number: &str| {
        let body = marked.replace(&format!("\"{PLACEHOLDER}\""), number);
        let expected = match number {
            "1e400" => Expected::InvalidJson,
            // Retry delays have no limit but that of the number type.
            _ if name.starts_with("retry_") => Expected::Accepted,
            "1e300" if name == "slot_decay_per_second" => Expected::Accepted,
            _ => invalid_field(loc),
        };
        mutant(format!("{} = {number}", dotted(loc)), body, expected)
    };
    ["1e400", "1e300", "-99999999999999999999"].map(one).into()
}

/// An unknown key, a duplicate key, and a missing key.
fn bad_keys(target: &Target<'_>, loc: &[Value], value: &Value) -> Vec<Mutant> {
    let Value::Object(object) = value else { return Vec::new() };
    if is_map(loc) {
        return Vec::new();
    }
    let child = |key: &str| [loc, &[json!(key)]].concat();
    let mut all = vec![changed(target, &child("unknown"), json!(1), ignores_unknown_keys(target.route, loc))];
    if let Some((key, value)) = object.iter().next() {
        let duplicated =
            replace_at(target.valid, &child(PLACEHOLDER), value.clone()).to_string().replace(PLACEHOLDER, key);
        all.push(mutant(format!("{} twice", dotted(&child(key))), duplicated, invalid_field(&child(key))));
    }
    for key in object.keys().filter(|key| is_required(target.route, loc, key)) {
        let mut incomplete = target.valid.clone();
        incomplete.pointer_mut(&pointer(loc)).and_then(Value::as_object_mut).expect("an object").remove(key);
        all.push(mutant(format!("no {}", dotted(&child(key))), incomplete.to_string(), invalid_field(&child(key))));
    }
    all
}

fn changed(target: &Target<'_>, loc: &[Value], value: Value, accepted: bool) -> Mutant {
    let expected = if accepted { Expected::Accepted } else { invalid_field(loc) };
    let description = format!("{} = {value}", dotted(loc));
    mutant(description, replace_at(target.valid, loc, value).to_string(), expected)
}

// ---- what clients may send although it looks invalid ----

/// Whether unknown keys are ignored at `loc`. Prefect's API allows them in bodies with several parameters, and in the objects that other
/// client versions fill with other keys.
fn ignores_unknown_keys(route: &str, loc: &[Value]) -> bool {
    let open = ["/filter", "/count", "/set_state", "/renew", "-with-lease", "/events/in"];
    match last_key(loc) {
        "" if loc.is_empty() => open.iter().any(|end| route.ends_with(end)),
        "state_details" | "empirical_policy" => !is_query(route),
        _ => is_within(loc, "task_inputs"),
    }
}

/// Whether the body is a filter, in which `state` is a filter too.
fn is_query(route: &str) -> bool {
    route.ends_with("/filter") || route.ends_with("/count")
}

/// Whether a NUL in this text is accepted. Logs, events and states report what has happened, so they are not rejected because of one
/// character; the NUL is removed. Values that are stored as JSON keep it.
fn accepts_nul(route: &str, loc: &[Value]) -> bool {
    let reports = matches!(route, "POST /logs" | "GET /events/in") || is_within(loc, "state") && !is_query(route);
    reports || is_within(loc, "pause_keys") || is_within(loc, "task_inputs")
}

/// Whether a body without this key is rejected.
fn is_required(route: &str, loc: &[Value], key: &str) -> bool {
    let required: &[&str] = match route {
        _ if last_key(loc) == "state" && !is_query(route) => &["type"],
        _ if last_key(loc) == "holder" => &["type", "id"],
        "POST /logs" => &["name", "level", "message", "timestamp"],
        _ if !loc.is_empty() => &[],
        "POST /flows" => &["name"],
        "POST /flow_runs" => &["flow_id"],
        "POST /task_runs" => &["task_key", "dynamic_key"],
        "POST /block_types" => &["name", "slug"],
        "POST /block_schemas" => &["block_type_id"],
        "POST /block_documents" => &["block_schema_id", "block_type_id"],
        "POST /v2/concurrency_limits" => &["name", "limit"],
        "POST /v2/concurrency_limits/increment-with-lease" => &["names", "slots"],
        "POST /v2/concurrency_limits/decrement-with-lease" => &["lease_id"],
        _ if route.ends_with("/set_state") => &["state"],
        _ => &[],
    };
    required.contains(&key)
}

// ---- locations in a body ----

/// Fields whose keys and values the client chooses.
const FREE_FORM: [&str; 5] = ["parameters", "context", "job_variables", "fields", "data"];

fn is_free_form(loc: &[Value]) -> bool {
    FREE_FORM.contains(&last_key(loc))
}

/// Objects whose keys the client chooses.
fn is_map(loc: &[Value]) -> bool {
    is_free_form(loc) || matches!(last_key(loc), "labels" | "task_inputs")
}

fn is_label(loc: &[Value]) -> bool {
    loc.len() == 2 && loc[0] == "labels"
}

/// Whether not every text is valid: ids, times and enum values.
fn is_constrained(text: &str) -> bool {
    let lower_case = ["and_", "or_", "concurrency", "task_run", "parameter", "in_process"];
    let upper_case = text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    text.len() == 36 || text.starts_with("2026-") || upper_case || lower_case.contains(&text)
}

pub fn is_leaf(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// Every location in a body with its value. Objects and arrays for which `descends` is false are returned, but not their elements.
pub fn locations(body: &Value, descends: impl Fn(&[Value]) -> bool) -> Vec<(Vec<Value>, Value)> {
    let mut found = vec![(Vec::new(), body.clone())];
    let mut next = 0;
    while let Some((loc, value)) = found.get(next).cloned() {
        next += 1;
        let inner: Vec<(Value, Value)> = match value {
            _ if !descends(&loc) => Vec::new(),
            Value::Object(object) => object.into_iter().map(|(key, value)| (key.into(), value)).collect(),
            Value::Array(list) => list.into_iter().enumerate().map(|(index, value)| (index.into(), value)).collect(),
            _ => Vec::new(),
        };
        found.extend(inner.into_iter().map(|(step, value)| ([loc.clone(), vec![step]].concat(), value)));
    }
    found
}

/// The body with another value at a location. The last key of the location may be new.
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

/// Whether the location is the field of this name or inside it.
pub fn is_within(loc: &[Value], name: &str) -> bool {
    loc.iter().any(|step| step == name)
}

fn last_key(loc: &[Value]) -> &str {
    loc.last().and_then(Value::as_str).unwrap_or_default()
}

fn invalid_field(loc: &[Value]) -> Expected {
    Expected::InvalidField([&[json!("body")], loc].concat())
}
