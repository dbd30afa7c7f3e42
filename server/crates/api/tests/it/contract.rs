//! Compares the routes with the operations that clients of all supported versions know.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

use api::route::{Method, Payload, Route};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use crate::{
    client::Client,
    contract_file::{Contract, Kind, REFUSED, normalize_operation},
    fixture::{WorkspaceFixture, contract_of, operation, routes_with_body},
};

/// The API version that each client sends.
const API_VERSIONS: [(&str, &str); 3] = [("2.0.4", "0.8.0"), ("2.20.26", "0.8.4"), ("3.8.8", "0.8.4")];

/// Routes that no client's OpenAPI file lists: a websocket, a route of Prefect Cloud, and this server's own document.
const OUTSIDE_OPENAPI: [&str; 3] = ["GET /events/in", "GET /me/workspaces", "GET /openapi.json"];

/// This route always returns an error, which stops clients from sending CSRF tokens.
const CSRF_TOKEN: &str = "GET /csrf-token";

fn routes() -> BTreeMap<String, Route<Cx>> {
    api::routes::all().into_iter().map(|route| (normalize_operation(&operation(&route)), route)).collect()
}

#[test]
fn every_route_is_known_to_some_client() {
    let operations = &Contract::read().operations;
    let unknown: Vec<_> = routes().into_keys().filter(|route| !operations.contains_key(route)).collect();
    assert_eq!(unknown, OUTSIDE_OPENAPI);
}

#[test]
fn bodies_are_read_where_clients_send_them() {
    for (operation, route) in routes() {
        if let Some(known) = Contract::read().operations.get(&operation) {
            let takes_body = !known.bodies().is_empty();
            assert_eq!(route.payload != Payload::None, takes_body, "{operation}");
        }
    }
}

/// A body with one value only.
fn body_with(loc: &[&str], value: &Value) -> Value {
    loc.iter().rev().fold(value.clone(), |inner, key| json!({*key: inner}))
}

/// The location at which a body was rejected. It must be `loc` or a prefix of it.
#[track_caller]
fn rejected_at(response: &Value, loc: &[&str], what: &str) -> String {
    let reported = response["exception_detail"][0]["loc"].as_array().unwrap_or_else(|| panic!("{what}: {response}"));
    let reported: Vec<_> = reported.iter().skip(1).filter_map(Value::as_str).collect();
    assert!(
        !reported.is_empty() && loc.len() >= reported.len() && loc[..reported.len()] == reported,
        "{what}: {response}"
    );
    reported.join(".")
}

testkit::on_both! {
    async fn every_filter_field_is_supported_or_rejected_by_name(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let mut rejected = BTreeSet::new();
        for route in routes_with_body().into_iter().filter(|route| route.payload == Payload::Optional) {
            let bodies = contract_of(&route).expect("clients know it").bodies().into_iter().map(Kind::parse);
            for (loc, value) in bodies.flat_map(|body| Contract::read().samples(&body)) {
                let what = format!("{} {} = {value}", operation(&route), loc.join("."));
                let response = ann.post(route.path, body_with(&loc, &value)).await;
                if response.status != 200 {
                    rejected.insert(rejected_at(&response.expect(422), &loc, &what));
                }
                // A field that the server ignores would accept this value too.
                let invalid = ann.post(route.path, body_with(&loc, &json!(1.5))).await;
                rejected_at(&invalid.expect(422), &loc, &format!("{what}, replaced by 1.5"));
            }
        }
        let listed: BTreeSet<String> = REFUSED.lines().map(str::to_owned).collect();
        let added: Vec<_> = rejected.difference(&listed).collect();
        let supported: Vec<_> = listed.difference(&rejected).collect();
        assert!(added.is_empty(), "rejected, and the list must not grow: {added:#?}");
        assert!(supported.is_empty(), "supported, so remove them from contract/refused.txt: {supported:#?}");
    }

    async fn responses_have_the_fields_that_each_client_reads(app: TestApp) {
        assert_eq!(API_VERSIONS.map(|(version, _)| version).to_vec(), Contract::read().versions);
        let mut defects = Vec::new();
        for (index, (version, api_version)) in API_VERSIONS.into_iter().enumerate() {
            let known = routes().into_values().filter(|route| {
                contract_of(route).is_some_and(|operation| operation.is_known_to(version) && operation.name != CSRF_TOKEN)
            });
            let (deletes, others): (Vec<_>, Vec<_>) = known.partition(|route| route.method == Method::Delete);
            // A deleted object can't be read or deleted again.
            let groups = iter::once(others).chain(deletes.into_iter().map(|route| vec![route]));
            for (group, routes) in groups.enumerate() {
                let client = Client::new(&app, &format!("client{index}-{group}")).await;
                let client = Client { api_version: Some(api_version), ..client };
                defects.extend(defects_of_responses(&client, version, routes).await);
            }
        }
        assert!(defects.is_empty(), "{}", defects.join("\n"));
    }
}

/// Calls routes that a client's version knows, with bodies as it sends them.
async fn defects_of_responses(client: &Client, version: &'static str, routes: Vec<Route<Cx>>) -> Vec<String> {
    let fixture = WorkspaceFixture::populate(client, "fixture").await;
    let types = Contract::read().types(Some(version));
    let mut defects = Vec::new();
    for route in routes {
        let (operation, known) = (operation(&route), contract_of(&route).expect("clients know it"));
        for body in bodies(&fixture, &route, version) {
            let is_empty = body.is_empty();
            let response = client.call(route.method.as_str(), &fixture.path(&route), Body::from(body)).await;
            let defect = match known.response(version) {
                _ if !response.status.is_success() => Some(format!("is rejected with {}", response.status)),
                _ if is_empty && response.body == json!([]) => Some("returns an empty list".to_owned()),
                None => (!response.body.is_null()).then(|| "returns a body".to_owned()),
                Some(kind) => types.check(&response.body, &kind).err(),
            };
            let description = |defect| format!("{operation} called by {version} {defect}: {}", response.body);
            defects.extend(defect.map(description));
        }
    }
    defects
}

/// A body as this version sends it. Lists are read without a body too: then they have an element.
fn bodies(fixture: &WorkspaceFixture, route: &Route<Cx>, version: &'static str) -> Vec<String> {
    match route.payload {
        Payload::Required => vec![fixture.body_of(route, version).to_string()],
        Payload::Optional => vec![String::new(), fixture.body_of(route, version).to_string()],
        Payload::None | Payload::Frames => vec![String::new()],
    }
}
