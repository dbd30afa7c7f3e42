//! Compares the routes with the operations that clients of all supported versions know.

use std::collections::{BTreeMap, BTreeSet};

use api::route::{Method, Payload, Route};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use crate::{
    client::Client,
    contract_file::{Contract, normalize_operation},
    fixture::{WorkspaceFixture, operation, routes_with_body},
};

const MISSING: &str = include_str!("../../contract/missing.txt");
/// The fields of implemented operations that are not supported yet. Each is rejected by name.
const REJECTED: &str = include_str!("../../contract/refused.txt");

/// Routes that no OpenAPI file lists: a websocket, and a route of Prefect Cloud.
const OUTSIDE_OPENAPI: [&str; 2] = ["GET /events/in", "GET /me/workspaces"];

/// This route always returns an error, which stops clients from sending CSRF tokens.
const CSRF_TOKEN: &str = "GET /csrf-token";

fn routes() -> BTreeMap<String, Route<Cx>> {
    api::routes::all().into_iter().map(|route| (normalize_operation(&operation(&route)), route)).collect()
}

#[test]
fn every_known_operation_is_implemented_or_listed() {
    let (contract, routes) = (Contract::read(), routes());
    let missing: BTreeSet<_> = contract.operations().into_keys().filter(|known| !routes.contains_key(known)).collect();
    let listed: BTreeSet<String> = MISSING.lines().map(str::to_owned).collect();
    let removed: Vec<_> = missing.difference(&listed).collect();
    let implemented: Vec<_> = listed.difference(&missing).collect();
    assert!(removed.is_empty(), "no longer implemented, and the list must not grow: {removed:#?}");
    assert!(implemented.is_empty(), "implemented, so remove them from contract/missing.txt: {implemented:#?}");
}

#[test]
fn every_route_is_known_to_some_client() {
    let contract = Contract::read();
    let operations = contract.operations();
    let unknown: Vec<_> = routes().into_keys().filter(|route| !operations.contains_key(route)).collect();
    assert_eq!(unknown, OUTSIDE_OPENAPI);
}

#[test]
fn bodies_are_read_where_clients_send_them() {
    let contract = Contract::read();
    let operations = contract.operations();
    for (operation, route) in routes() {
        if let Some(variants) = operations.get(&operation) {
            let takes_body = variants.iter().any(|variant| variant["body"].is_string());
            assert_eq!(route.payload != Payload::None, takes_body, "{operation}");
        }
    }
}

/// A body with one value only.
fn body_with(loc: &[String], value: &Value) -> Value {
    loc.iter().rev().fold(value.clone(), |inner, key| json!({key: inner}))
}

/// The location at which a body was rejected. It must be `loc` or a prefix of it.
#[track_caller]
fn rejected_at(response: &Value, loc: &[String], what: &str) -> String {
    let reported = response["exception_detail"][0]["loc"].as_array().unwrap_or_else(|| panic!("{what}: {response}"));
    let reported: Vec<_> = reported.iter().skip(1).filter_map(Value::as_str).collect();
    assert!(
        !reported.is_empty() && loc.len() >= reported.len() && loc[..reported.len()] == reported,
        "{what}: {response}"
    );
    reported.join(".")
}

testkit::on_both! {
    async fn missing_operations_get_404_with_their_name(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        for (method, path) in MISSING.lines().filter_map(|line| line.split_once(' ')) {
            let path = path.replace("{}", "ffc8be5d-17d2-4dfc-8b0b-223935274593");
            let response = ann.call(method, &path, Body::empty()).await.expect(404);
            assert_eq!(response["detail"], format!("Not Found: this server has no {method} {}{path}.", ann.base));
        }
    }

    async fn every_filter_field_is_supported_or_rejected_by_name(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let contract = Contract::read();
        let operations = contract.operations();
        let mut rejected = BTreeSet::new();
        for route in routes_with_body().into_iter().filter(|route| route.payload == Payload::Optional) {
            let variants = operations[&normalize_operation(&operation(&route))];
            let bodies: BTreeSet<&str> = variants.iter().filter_map(|variant| variant["body"].as_str()).collect();
            for (loc, value) in bodies.into_iter().flat_map(|body| contract.samples(body)) {
                let what = format!("{} {} = {value}", operation(&route), loc.join("."));
                let response = ann.post(route.path, body_with(&loc, &value)).await;
                if response.status != 200 {
                    let field = rejected_at(&response.expect(422), &loc, &what);
                    let word = if field == "sort" { format!(" {}", value.as_str().unwrap_or_default()) } else { String::new() };
                    rejected.insert(format!("{} {field}{word}", operation(&route)));
                }
                // A field that the server ignores would accept this value too.
                let invalid = ann.post(route.path, body_with(&loc, &json!(1.5))).await;
                rejected_at(&invalid.expect(422), &loc, &format!("{what}, replaced by 1.5"));
            }
        }
        let listed: BTreeSet<String> = REJECTED.lines().map(str::to_owned).collect();
        let added: Vec<_> = rejected.difference(&listed).collect();
        let supported: Vec<_> = listed.difference(&rejected).collect();
        assert!(added.is_empty(), "rejected, and the list must not grow: {added:#?}");
        assert!(supported.is_empty(), "supported, so remove them from contract/refused.txt: {supported:#?}");
    }

    async fn responses_have_the_fields_that_clients_read(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let fixture = WorkspaceFixture::populate(&ann, "fixture").await;
        let contract = Contract::read();
        let operations = contract.operations();
        let mut routes: Vec<_> = routes().into_iter().filter(|(operation, _)| operations.contains_key(operation)).collect();
        // Deletes come last, because a deleted object can't be read.
        routes.sort_by_key(|(_, route)| route.method == Method::Delete);
        for (operation, route) in routes.into_iter().filter(|(operation, _)| operation != CSRF_TOKEN) {
            let body = match route.payload {
                Payload::Required => Body::from(fixture.body(&route).to_string()),
                Payload::Optional | Payload::None | Payload::Frames => Body::empty(),
            };
            let response = ann.call(route.method.as_str(), &fixture.path(&route), body).await;
            assert!(response.status.is_success(), "{operation}: {}", response.body);
            match Contract::response(operations[&operation]).as_str() {
                None => assert_eq!(response.body, Value::Null, "{operation}"),
                Some(kind) => {
                    assert_ne!(response.body, json!([]), "{operation} returns an empty list");
                    assert_eq!(contract.check(&response.body, kind), Ok(()), "{operation}: {}", response.body);
                }
            }
        }
    }
}
