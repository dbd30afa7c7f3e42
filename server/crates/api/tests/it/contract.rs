//! The routes beside the operations that clients of all generations know.

use std::collections::{BTreeMap, BTreeSet};

use api::route::{Method, Payload, Route};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use crate::{
    client::Client,
    house::{House, name, with_bodies},
    shape::{Contract, spell},
};

const MISSING: &str = include_str!("../../contract/missing.txt");
/// What can be asked by an operation that is built and is not supported yet: each is refused by name.
const REFUSED: &str = include_str!("../../contract/refused.txt");

/// Routes that stand in no OpenAPI file: a socket, and what only the cloud has.
const ELSEWHERE: [&str; 2] = ["GET /events/in", "GET /me/workspaces"];

/// The route whose answer is that there is nothing to answer.
const NO_TOKENS: &str = "GET /csrf-token";

fn routes() -> BTreeMap<String, Route<Cx>> {
    api::routes::all().into_iter().map(|route| (spell(&name(&route)), route)).collect()
}

#[test]
fn every_known_operation_is_built_or_listed_as_missing() {
    let (contract, routes) = (Contract::read(), routes());
    let missing: BTreeSet<_> = contract.operations().into_keys().filter(|known| !routes.contains_key(known)).collect();
    let listed: BTreeSet<String> = MISSING.lines().map(str::to_owned).collect();
    let vanished: Vec<_> = missing.difference(&listed).collect();
    let built: Vec<_> = listed.difference(&missing).collect();
    assert!(vanished.is_empty(), "no longer built, and the list must not grow: {vanished:#?}");
    assert!(built.is_empty(), "built, so take them off contract/missing.txt: {built:#?}");
}

#[test]
fn every_route_is_known_to_some_client() {
    let contract = Contract::read();
    let operations = contract.operations();
    let unknown: Vec<_> = routes().into_keys().filter(|route| !operations.contains_key(route)).collect();
    assert_eq!(unknown, ELSEWHERE);
}

#[test]
fn bodies_are_read_where_clients_send_them() {
    let contract = Contract::read();
    let operations = contract.operations();
    for (spelling, route) in routes() {
        if let Some(variants) = operations.get(&spelling) {
            let takes_body = variants.iter().any(|variant| variant["body"].is_string());
            assert_eq!(route.payload != Payload::None, takes_body, "{spelling}");
        }
    }
}

/// A body that says one thing alone.
fn saying(place: &[String], value: &Value) -> Value {
    place.iter().rev().fold(value.clone(), |inner, key| json!({key: inner}))
}

/// Where a body was refused, if that is at `place` or around it.
#[track_caller]
fn refused_at(answer: &Value, place: &[String], what: &str) -> String {
    let told = answer["exception_detail"][0]["loc"].as_array().unwrap_or_else(|| panic!("{what}: {answer}"));
    let told: Vec<_> = told.iter().skip(1).filter_map(Value::as_str).collect();
    assert!(!told.is_empty() && place.len() >= told.len() && place[..told.len()] == told, "{what}: {answer}");
    told.join(".")
}

testkit::on_both! {
    async fn what_is_missing_is_said_to_be(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        for (method, path) in MISSING.lines().filter_map(|line| line.split_once(' ')) {
            let path = path.replace("{}", "ffc8be5d-17d2-4dfc-8b0b-223935274593");
            let answer = ann.call(method, &path, Body::empty()).await.expect(404);
            assert_eq!(answer["detail"], format!("Not Found: this server has no {method} {}{path}.", ann.base));
        }
    }

    async fn whatever_can_be_asked_is_answered_or_refused_by_name(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let contract = Contract::read();
        let operations = contract.operations();
        let mut refused = BTreeSet::new();
        for route in with_bodies().into_iter().filter(|route| route.payload == Payload::Optional) {
            let bodies: BTreeSet<&str> =
                operations[&spell(&name(&route))].iter().filter_map(|variant| variant["body"].as_str()).collect();
            for (place, value) in bodies.into_iter().flat_map(|body| contract.questions(body)) {
                let what = format!("{} {} = {value}", name(&route), place.join("."));
                let answer = ann.post(route.path, saying(&place, &value)).await;
                if answer.status != 200 {
                    let at = refused_at(&answer.expect(422), &place, &what);
                    let word = if at == "sort" { format!(" {}", value.as_str().unwrap_or_default()) } else { String::new() };
                    refused.insert(format!("{} {at}{word}", name(&route)));
                }
                // What is never looked at could hold anything.
                let nonsense = ann.post(route.path, saying(&place, &json!(1.5))).await;
                refused_at(&nonsense.expect(422), &place, &format!("{what}, and nonsense there"));
            }
        }
        let listed: BTreeSet<String> = REFUSED.lines().map(str::to_owned).collect();
        let grown: Vec<_> = refused.difference(&listed).collect();
        let built: Vec<_> = listed.difference(&refused).collect();
        assert!(grown.is_empty(), "refused, and the list must not grow: {grown:#?}");
        assert!(built.is_empty(), "supported, so take them off contract/refused.txt: {built:#?}");
    }

    async fn answers_have_the_fields_that_clients_read(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let house = House::furnish(&ann, "house").await;
        let contract = Contract::read();
        let operations = contract.operations();
        let mut routes: Vec<_> = routes().into_iter().filter(|(spelling, _)| operations.contains_key(spelling)).collect();
        // What is deleted can't be read any more.
        routes.sort_by_key(|(_, route)| route.method == Method::Delete);
        for (spelling, route) in routes.into_iter().filter(|(spelling, _)| spelling != NO_TOKENS) {
            let body = match route.payload {
                Payload::Required => Body::from(house.body(&route).to_string()),
                Payload::Optional | Payload::None | Payload::Frames => Body::empty(),
            };
            let answer = ann.call(route.method.as_str(), &house.path(&route), body).await;
            assert!(answer.status.is_success(), "{spelling}: {}", answer.body);
            match Contract::answer(operations[&spelling]).as_str() {
                None => assert_eq!(answer.body, Value::Null, "{spelling}"),
                Some(kind) => {
                    assert_ne!(answer.body, json!([]), "{spelling} shows nothing");
                    assert_eq!(contract.check(&answer.body, kind), Ok(()), "{spelling}: {}", answer.body);
                }
            }
        }
    }
}
