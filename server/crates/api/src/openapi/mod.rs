//! The OpenAPI document at `/openapi.json`. It is made from the contract, the table of routes and the summaries in
//! `contract/summaries.txt`, so it can't list a route that does not exist. Must not know what the routes do.

mod document;
mod operation;
mod response;
mod schema;
mod text;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderName, header::CONTENT_TYPE},
};
use control::Cx;

use crate::{
    contract,
    extract::auth::Public,
    route::{Access, Method, Mount, Payload, Route, routes},
};

/// What the document says of a route.
#[derive(Clone, Copy, Debug)]
struct Served {
    mount: Mount,
    access: Access,
    payload: Payload,
}

/// The routes that the document describes, by method and shape of the path.
type Table = BTreeMap<(Method, String), Served>;

/// Where callers are members of workspaces, and where one person needs no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    Accounts,
    Local,
}

/// The documents of both modes. Each is made for its first reader.
#[derive(Default)]
struct Documents {
    table: Table,
    accounts: OnceLock<Bytes>,
    local: OnceLock<Bytes>,
}

impl Documents {
    fn read(&self, mode: Mode) -> Bytes {
        let document = match mode {
            Mode::Accounts => &self.accounts,
            Mode::Local => &self.local,
        };
        document.get_or_init(|| document::document(&self.table, mode).to_string().into()).clone()
    }
}

/// The route of the document, which describes `others` and itself.
pub fn routes(others: &[Route<Cx>]) -> Vec<Route<Cx>> {
    let mut documents = Documents { table: others.iter().map(served).collect(), ..Documents::default() };
    let route = |documents: Arc<Documents>| routes![Get "/openapi.json" => async move |_: Public, State(cx): State<Cx>| read(&documents, &cx)];
    documents.table.extend(route(Arc::default()).iter().map(served));
    route(Arc::new(documents))
}

fn served(route: &Route<Cx>) -> ((Method, String), Served) {
    let Route { method, path, mount, access, payload, .. } = *route;
    ((method, contract::shape(path)), Served { mount, access, payload })
}

fn read(documents: &Documents, cx: &Cx) -> ([(HeaderName, &'static str); 1], Bytes) {
    let mode = if cx.settings.local { Mode::Local } else { Mode::Accounts };
    ([(CONTENT_TYPE, "application/json")], documents.read(mode))
}
