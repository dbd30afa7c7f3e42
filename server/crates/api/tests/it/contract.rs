//! The routes beside the operations that clients of all generations know.

use std::collections::{BTreeMap, BTreeSet};

use api::route::Payload;
use serde_json::Value;

const OPERATIONS: &str = include_str!("../../contract/operations.json");
const MISSING: &str = include_str!("../../contract/missing.txt");

/// Routes that stand in no OpenAPI file: a socket, and what only the cloud has.
const ELSEWHERE: [&str; 2] = ["GET /events/in", "GET /me/workspaces"];

/// The same spelling for both: no slash at the end, no names of parameters.
fn spell(operation: &str) -> String {
    let (method, path) = operation.split_once(' ').expect("a method and a path");
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let plain: String =
        segments.flat_map(|segment| ["/", if segment.starts_with('{') { "{}" } else { segment }]).collect();
    format!("{method} {plain}")
}

/// Each operation, and whether it takes a body.
fn operations() -> BTreeMap<String, bool> {
    let file: Value = serde_json::from_str(OPERATIONS).expect("JSON");
    let operations = file["operations"].as_object().expect("an object");
    let takes_body =
        |variants: &Value| variants.as_array().is_some_and(|all| all.iter().any(|one| one["body"].is_string()));
    operations.iter().map(|(name, variants)| (spell(name), takes_body(variants))).collect()
}

fn routes() -> BTreeMap<String, Payload> {
    let spelled =
        |route: api::route::Route<_>| (spell(&format!("{} {}", route.method.as_str(), route.path)), route.payload);
    api::routes::all().into_iter().map(spelled).collect()
}

#[test]
fn every_known_operation_is_built_or_listed_as_missing() {
    let routes = routes();
    let missing: BTreeSet<String> = operations().into_keys().filter(|known| !routes.contains_key(known)).collect();
    let listed: BTreeSet<String> = MISSING.lines().map(str::to_owned).collect();
    let vanished: Vec<_> = missing.difference(&listed).collect();
    let built: Vec<_> = listed.difference(&missing).collect();
    assert!(vanished.is_empty(), "no longer built, and the list must not grow: {vanished:#?}");
    assert!(built.is_empty(), "built, so take them off contract/missing.txt: {built:#?}");
}

#[test]
fn every_route_is_known_to_some_client() {
    let operations = operations();
    let unknown: Vec<_> = routes().into_keys().filter(|route| !operations.contains_key(route)).collect();
    assert_eq!(unknown, ELSEWHERE);
}

#[test]
fn bodies_are_read_where_clients_send_them() {
    let operations = operations();
    for (route, payload) in routes() {
        if let Some(takes_body) = operations.get(&route) {
            assert_eq!(payload != Payload::None, *takes_body, "{route}");
        }
    }
}
