//! A workspace with one object of each kind, and one valid call of each route about them, made from the contract file. What that does not
//! say is in `nouns`.

mod body;
mod creation;
pub mod node;
mod path;

use std::collections::BTreeMap;

use api::route::{Access, Method, Mount, Payload, Route};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use self::{
    body::Generator,
    creation::{Creation, creations},
};
use crate::{
    client::{Client, TestResponse},
    contract_file::{Contract, Kind, Operation, normalize_operation},
    nouns,
};

/// The objects in the workspace.
pub struct WorkspaceFixture {
    /// The name of every object that has one.
    pub name: &'static str,
    /// The response to the request that created it, by the kind of object: `flow_run`.
    objects: BTreeMap<String, Value>,
}

/// Method and path of a route: `POST /flows/filter`.
pub fn operation(route: &Route<Cx>) -> String {
    format!("{} {}", route.method.as_str(), route.path)
}

/// What clients know about a route; nothing about a websocket and about a route of Prefect Cloud.
pub fn contract_of(route: &Route<Cx>) -> Option<&'static Operation> {
    Contract::read().operations.get(&normalize_operation(&operation(route)))
}

/// The type of a route's body.
pub fn body_kind(route: &Route<Cx>, version: Option<&str>) -> Kind {
    let kind = contract_of(route).and_then(|operation| operation.body(version));
    kind.unwrap_or_else(|| panic!("no body of {} in version {version:?}", operation(route)))
}

/// The routes that require a key.
pub fn non_public_routes() -> Vec<Route<Cx>> {
    api::routes::all().into_iter().filter(|route| route.access != Access::Public).collect()
}

/// The routes that read JSON.
pub fn routes_with_body() -> Vec<Route<Cx>> {
    let reads_json = |route: &Route<Cx>| matches!(route.payload, Payload::Required | Payload::Optional);
    api::routes::all().into_iter().filter(reads_json).collect()
}

/// Whether a route reads a list or its length.
pub fn is_query(route: &Route<Cx>) -> bool {
    route.path.ends_with("/filter") || route.path.ends_with("/count")
}

/// A route's complete paths: below a workspace, and bare.
pub fn mounted_paths(route: &Route<Cx>, base: &str, path: &str) -> Vec<String> {
    match route.mount {
        Mount::Workspace => vec![format!("{base}{path}"), path.to_owned()],
        Mount::Root => vec![path.to_owned()],
    }
}

impl WorkspaceFixture {
    /// Creates one object of each kind in the client's workspace. Each that has a name is called `name`.
    pub async fn populate(owner: &Client, name: &'static str) -> Self {
        let mut fixture = Self { name, objects: BTreeMap::new() };
        let mut pending = creations();
        while !pending.is_empty() {
            let next = fixture.next_of(&pending);
            let creation = pending.remove(next);
            let created = fixture.create(owner, &creation.route, fixture.make(&creation.route, None, true)).await;
            fixture.objects.insert(creation.noun, created);
        }
        for (noun, path, key) in nouns::made_by() {
            let route = api::routes::all().into_iter().find(|route| route.path == *path).expect("a route");
            let created = fixture.create(owner, &route, fixture.body(&route)).await;
            fixture.objects.insert((*noun).to_owned(), json!({"id": created[key]}));
        }
        fixture
    }

    /// The one to create next: one whose references all exist, or else one whose required references do.
    fn next_of(&self, pending: &[Creation]) -> usize {
        let exists = |noun: &&str| self.objects.contains_key(*noun);
        let complete = pending.iter().position(|creation| creation.references.iter().all(exists));
        let possible = || pending.iter().position(|creation| creation.required.iter().all(exists));
        complete.or_else(possible).unwrap_or_else(|| {
            let nouns: Vec<_> = pending.iter().map(|creation| &creation.noun).collect();
            panic!("each of {nouns:?} requires an object that no route creates")
        })
    }

    async fn create(&self, owner: &Client, route: &Route<Cx>, body: Value) -> Value {
        let response = owner.post(&self.path(route), body.clone()).await;
        assert!(response.status.is_success(), "{} {body}: {}", operation(route), response.body);
        response.body
    }

    /// The id of an object.
    pub fn id(&self, noun: &str) -> &str {
        self.objects[noun]["id"].as_str().unwrap_or_else(|| panic!("a {noun} has no id"))
    }

    /// A valid body of a route, with a value for each field that clients of any version may send. It creates an object that does not
    /// exist yet.
    pub fn body(&self, route: &Route<Cx>) -> Value {
        self.make(route, None, false)
    }

    /// A valid body with each field that a client of this version may send.
    pub fn body_of(&self, route: &Route<Cx>, version: &'static str) -> Value {
        self.make(route, Some(version), false)
    }

    fn make(&self, route: &Route<Cx>, version: Option<&'static str>, is_new: bool) -> Value {
        let types = Contract::read().types(version);
        Generator { fixture: self, types, route, is_new }.body(&body_kind(route, version))
    }

    /// Calls a route at `path` with its valid body.
    pub async fn call(&self, caller: &Client, route: &Route<Cx>, path: &str) -> TestResponse {
        let body = match route.payload {
            Payload::Required | Payload::Optional => Body::from(self.body(route).to_string()),
            Payload::None | Payload::Frames => Body::empty(),
        };
        caller.call_at(route.method.as_str(), path, body).await
    }

    /// The responses of all routes that read. Tests compare two snapshots to check that nothing was changed.
    pub async fn snapshot(&self, owner: &Client) -> BTreeMap<String, Value> {
        let mut responses = BTreeMap::new();
        for route in non_public_routes() {
            let reads = route.method == Method::Get && route.payload == Payload::None;
            if route.mount == Mount::Workspace && (reads || is_query(&route)) {
                let body = if is_query(&route) { Body::from("{}") } else { Body::empty() };
                let response = owner.call(route.method.as_str(), &self.path(&route), body).await;
                responses.insert(operation(&route), response.body);
            }
        }
        responses
    }
}
