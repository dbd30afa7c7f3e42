//! What becomes of a good body in bad hands: the same body with one thing wrong, over and over, and what has to be said of each.

use api::{body::LARGEST, route::Payload};
use axum::body::Bytes;
use serde_json::{Value, json};

/// What a body must be answered with.
#[derive(Clone, PartialEq, Debug)]
pub enum Wanted {
    /// That it is no JSON, by line and column.
    Placed,
    /// That something is wrong there: the way from the outside in.
    Field(Vec<Value>),
    /// That it is too large.
    TooLarge,
    /// Nothing: clients may send it.
    Taken,
}

/// One bad body.
pub struct Mutant {
    pub what: String,
    pub body: Bytes,
    pub wanted: Wanted,
}

/// Which route gets it, as far as that matters.
pub struct Target<'a> {
    /// `POST /flows`.
    pub route: &'a str,
    pub payload: Payload,
    pub good: &'a Value,
}

/// Texts that are no JSON, or are more than one.
const BROKEN: [&str; 16] = [
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

/// A text that stands for bytes that no JSON text can hold.
const MARK: &str = "MARK";

/// All bad bodies that come of a good one.
pub fn mutants(target: &Target<'_>) -> Vec<Mutant> {
    let mut all = broken(target.good);
    all.extend(wholes(target));
    for (place, value) in places(target.good, |place| !is_free(place)) {
        all.extend(wrong_kinds(target, &place, &value));
        all.extend(bad_texts(target, &place, &value));
        all.extend(huge_numbers(target, &place, &value));
        all.extend(bad_keys(target, &place, &value));
    }
    all
}

fn mutant(what: impl Into<String>, body: impl Into<Bytes>, wanted: Wanted) -> Mutant {
    Mutant { what: what.into(), body: body.into(), wanted }
}

fn broken(good: &Value) -> Vec<Mutant> {
    let text = good.to_string();
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    let mut texts: Vec<Bytes> = BROKEN.iter().map(|text| Bytes::from_static(text.as_bytes())).collect();
    texts.extend(
        [deep("[", "]"), deep("{\"a\":", "}"), format!("{text}x"), text[..text.len() - 1].to_owned()].map(Bytes::from),
    );
    let (place, _) =
        places(good, |place| !is_free(place)).into_iter().find(|(_, value)| is_leaf(value)).expect("a body has a leaf");
    let marked = with(good, &place, json!(MARK)).to_string();
    let bytes = marked.replace(MARK, "\u{1}").into_bytes();
    texts.push(bytes.into_iter().map(|byte| if byte == 1 { 0xff } else { byte }).collect::<Vec<_>>().into());
    texts.push(marked.replace(MARK, "\\ud800").into());
    texts
        .into_iter()
        .map(|text| mutant(format!("{:.40}", String::from_utf8_lossy(&text)), text, Wanted::Placed))
        .collect()
}

fn wholes(target: &Target<'_>) -> Vec<Mutant> {
    let other = if target.good.is_array() { "{}" } else { "[]" };
    let whole = || Wanted::Field(vec!["body".into()]);
    let mut all: Vec<Mutant> = ["true", "-1", "1.5", "\"x\"", "null", other, "[[]]"]
        .into_iter()
        .map(|text| mutant(text, text, whole()))
        .collect();
    let empty = if target.payload == Payload::Optional { Wanted::Taken } else { whole() };
    all.extend(["", " \n"].map(|text| mutant("nothing", text, empty.clone())));
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(LARGEST + 1 - 12));
    assert_eq!(large.len(), LARGEST + 1);
    all.push(mutant("too much", large, Wanted::TooLarge));
    all
}

fn wrong_kinds(target: &Target<'_>, place: &[Value], value: &Value) -> Vec<Mutant> {
    let wrong = match value {
        Value::Null => vec![json!(true), json!(1.5), json!([[]]), json!({"x": {}})],
        Value::Bool(_) => vec![json!(1), json!("x"), json!([]), json!({"x": {}})],
        Value::Number(_) => vec![json!(true), json!("x"), json!([[]]), json!({"x": {}})],
        Value::String(text) if is_word(text) => {
            vec![json!(true), json!(1.5), json!([]), json!({"x": {}}), json!("x y")]
        }
        Value::String(_) => vec![json!(true), json!(1.5), json!([]), json!({"x": {}})],
        Value::Array(_) => vec![json!(true), json!(1.5), json!("x"), json!({"x": {}}), json!([[]])],
        Value::Object(_) => vec![json!(true), json!(1.5), json!("x"), json!([]), json!([[]])],
    };
    let one = |wrong: Value| {
        // A label is a text, a number or a truth value.
        let taken = is_label(place) && !wrong.is_array() && !wrong.is_object();
        changed(target, place, wrong, taken)
    };
    wrong.into_iter().map(one).collect()
}

fn bad_texts(target: &Target<'_>, place: &[Value], value: &Value) -> Option<Mutant> {
    let taken = match value {
        Value::String(text) if is_word(text) => false,
        Value::String(_) => drops_nul(target.route, place),
        _ => return None,
    };
    Some(changed(target, place, json!("a\0b"), taken))
}

fn huge_numbers(target: &Target<'_>, place: &[Value], value: &Value) -> Vec<Mutant> {
    if !value.is_number() {
        return Vec::new();
    }
    let (name, marked) = (last(place), with(target.good, place, json!(MARK)).to_string());
    let one = |number: &str| {
        let body = marked.replace(&format!("\"{MARK}\""), number);
        let wanted = match number {
            "1e400" => Wanted::Placed,
            // How long to wait is bounded by nothing but the kind of number.
            _ if name.starts_with("retry_") => Wanted::Taken,
            "1e300" if name == "slot_decay_per_second" => Wanted::Taken,
            _ => field(place),
        };
        mutant(format!("{} = {number}", path(place)), body, wanted)
    };
    ["1e400", "1e300", "-99999999999999999999"].map(one).into()
}

/// One key too many, one twice, and one too few.
fn bad_keys(target: &Target<'_>, place: &[Value], value: &Value) -> Vec<Mutant> {
    let Value::Object(object) = value else { return Vec::new() };
    if is_map(place) {
        return Vec::new();
    }
    let here = |key: &str| [place, &[json!(key)]].concat();
    let mut all = vec![changed(target, &here("surprise"), json!(1), passes_over(target.route, place))];
    if let Some((key, value)) = object.iter().next() {
        let twice = with(target.good, &here(MARK), value.clone()).to_string().replace(MARK, key);
        all.push(mutant(format!("{} twice", path(&here(key))), twice, field(&here(key))));
    }
    for key in object.keys().filter(|key| is_needed(target.route, place, key)) {
        let mut less = target.good.clone();
        less.pointer_mut(&pointer(place)).and_then(Value::as_object_mut).expect("an object").remove(key);
        all.push(mutant(format!("no {}", path(&here(key))), less.to_string(), field(&here(key))));
    }
    all
}

fn changed(target: &Target<'_>, place: &[Value], value: Value, taken: bool) -> Mutant {
    let wanted = if taken { Wanted::Taken } else { field(place) };
    let what = format!("{} = {value}", path(place));
    mutant(what, with(target.good, place, value).to_string(), wanted)
}

// ---- what clients may send, although it looks bad ----

/// Whether an unknown key is passed over there. Bodies of several parameters are open by contract, and so are the objects inside that
/// clients of other versions fill differently.
fn passes_over(route: &str, place: &[Value]) -> bool {
    let open = ["/filter", "/count", "/set_state", "/renew", "-with-lease", "/events/in"];
    match last(place) {
        "" if place.is_empty() => open.iter().any(|end| route.ends_with(end)),
        "state_details" | "empirical_policy" => !asks(route),
        _ => inside(place, "task_inputs"),
    }
}

/// Whether it is a filter that is read, in which `state` is another thing.
fn asks(route: &str) -> bool {
    route.ends_with("/filter") || route.ends_with("/count")
}

/// Whether a NUL in this text costs nothing but itself. What tells of something that has happened is not refused over one character, and
/// what is kept as JSON keeps it.
fn drops_nul(route: &str, place: &[Value]) -> bool {
    let tells = matches!(route, "POST /logs" | "GET /events/in") || inside(place, "state") && !asks(route);
    tells || inside(place, "pause_keys") || inside(place, "task_inputs")
}

/// Whether a body without this key is none.
fn is_needed(route: &str, place: &[Value], key: &str) -> bool {
    let needed: &[&str] = match route {
        _ if last(place) == "state" && !asks(route) => &["type"],
        _ if last(place) == "holder" => &["type", "id"],
        "POST /logs" => &["name", "level", "message", "timestamp"],
        _ if !place.is_empty() => &[],
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
    needed.contains(&key)
}

// ---- the way around in a body ----

/// Objects whose keys are the client's own, and so is what stands in them.
const FREE: [&str; 5] = ["parameters", "context", "job_variables", "fields", "data"];

fn is_free(place: &[Value]) -> bool {
    FREE.contains(&last(place))
}

/// Objects with keys of the client's own.
fn is_map(place: &[Value]) -> bool {
    is_free(place) || matches!(last(place), "labels" | "task_inputs")
}

fn is_label(place: &[Value]) -> bool {
    place.len() == 2 && place[0] == "labels"
}

/// Whether not every text will do: ids, times and words.
fn is_word(text: &str) -> bool {
    let word = ["and_", "or_", "concurrency", "task_run", "parameter", "in_process"];
    let upper = text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    text.len() == 36 || text.starts_with("2026-") || upper || word.contains(&text)
}

pub fn is_leaf(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

/// Every place in a body, and what stands there; objects and lists that are not entered are places themselves.
pub fn places(body: &Value, enters: impl Fn(&[Value]) -> bool) -> Vec<(Vec<Value>, Value)> {
    let mut found = vec![(Vec::new(), body.clone())];
    let mut next = 0;
    while let Some((place, value)) = found.get(next).cloned() {
        next += 1;
        let inner: Vec<(Value, Value)> = match value {
            _ if !enters(&place) => Vec::new(),
            Value::Object(object) => object.into_iter().map(|(key, value)| (key.into(), value)).collect(),
            Value::Array(list) => list.into_iter().enumerate().map(|(index, value)| (index.into(), value)).collect(),
            _ => Vec::new(),
        };
        found.extend(inner.into_iter().map(|(step, value)| ([place.clone(), vec![step]].concat(), value)));
    }
    found
}

/// The body with another value at a place, which may be new.
pub fn with(body: &Value, place: &[Value], value: Value) -> Value {
    let mut body = body.clone();
    match place.split_last() {
        Some((Value::String(key), outer)) => body.pointer_mut(&pointer(outer)).expect("an object")[key] = value,
        _ => *body.pointer_mut(&pointer(place)).expect("a value") = value,
    }
    body
}

fn pointer(place: &[Value]) -> String {
    place.iter().map(|step| format!("/{}", step.as_str().map_or_else(|| step.to_string(), str::to_owned))).collect()
}

fn path(place: &[Value]) -> String {
    pointer(place).trim_start_matches('/').replace('/', ".")
}

/// Whether it is the field of this name, or lies in it.
pub fn inside(place: &[Value], name: &str) -> bool {
    place.iter().any(|step| step == name)
}

fn last(place: &[Value]) -> &str {
    place.last().and_then(Value::as_str).unwrap_or_default()
}

fn field(place: &[Value]) -> Wanted {
    Wanted::Field([&[json!("body")], place].concat())
}
