//! What a query's type declares: the kinds of conditions of its filters, and its sorts. So a new one without a case fails the test.

use std::collections::BTreeSet;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

/// A filter's kinds of conditions, such as `state.name.any_`. Keys that the server does not support have none.
pub fn conditions<F: DeserializeOwned + Serialize>() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect::<F>(&mut Vec::new(), &mut found);
    found
}

/// An empty object is valid for a key that has keys in it, which are then in what it is serialized as.
fn collect<F: DeserializeOwned + Serialize>(path: &mut Vec<String>, found: &mut BTreeSet<String>) {
    let empty = nested(path.iter().map(String::as_str), json!({}));
    let Ok(filter) = serde_json::from_value::<F>(empty) else {
        found.insert(path.join("."));
        return;
    };
    let all = serde_json::to_value(filter).unwrap();
    let Some(keys) = path.iter().fold(&all, |inner, key| &inner[key]).as_object() else { return };
    for key in keys.keys().filter(|key| *key != "operator") {
        path.push(key.clone());
        collect::<F>(path, found);
        path.pop();
    }
}

/// An object in an object for each key of the path, with the value innermost.
pub fn nested<'k>(path: impl DoubleEndedIterator<Item = &'k str>, value: Json) -> Json {
    path.rev().fold(value, |inner, key| json!({ key: inner }))
}

/// The names of a query's sorts, which serde lists in its error for another name.
pub fn sorts<Q: DeserializeOwned>() -> Vec<String> {
    let error = serde_json::from_value::<Q>(json!({"sort": "none of them"})).err().unwrap().to_string();
    let (_, expected) = error.split_once("expected one of").unwrap();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
