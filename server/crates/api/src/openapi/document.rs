//! The document around the operations: title, servers, tags, security and components.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Mode, Table, operation, response, schema, text::Texts};
use crate::{contract::CONTRACT, route::Mount};

const DESCRIPTION: &str = "\
The API used by `prefect` clients 2.0.4, 2.20.26 and 3.8.8. Fields and types are those of the newest client that has an \
operation; older clients may send and read others.

**Keys.** Every operation except the probes and this document needs an API key as bearer token. In local mode none is needed.

**Workspaces.** Each workspace has its own base URL. Under `/api` alone, the server uses the key owner's workspace if they have \
only one.

**Versions.** A client may send its API version in the header `X-PREFECT-API-VERSION`; versions older than 0.8.0 are rejected \
with 400.

**Errors.** A body has `detail`, or `exception_message`, or for an invalid request the list of errors with the location of each. \
429 and 503 come with `Retry-After`, in seconds.

**Not implemented.** An operation with `x-provost-status: not implemented` is known to clients, but this server does not have it \
yet. It answers 501. Filters in these fields of a list request are rejected with 422, because this server does not have these \
objects yet: ";

/// The fields of filters that are rejected by name.
const REFUSED: &str = include_str!("../../contract/refused.txt");

fn description() -> String {
    let refused: Vec<String> = REFUSED.lines().map(|field| format!("`{field}`")).collect();
    format!("{DESCRIPTION}{}.", refused.join(", "))
}

/// The whole document.
pub fn document(table: &Table, mode: Mode) -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Provost API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": description(),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": servers(mode),
        "tags": tags(),
        "paths": paths(table, mode),
        "components": {"responses": response::components()},
    });
    if mode == Mode::Accounts {
        document["components"]["securitySchemes"] = json!({
            operation::SECURITY_SCHEME: {
                "type": "http",
                "scheme": "bearer",
                "description": "A user's API key, which gives access to that user's workspaces.",
            },
        });
    }
    document["components"]["schemas"] = schema::components(&document, response::schemas()).into();
    document
}

fn root() -> Value {
    json!({"url": "/api"})
}

fn servers(mode: Mode) -> Value {
    if mode == Mode::Local {
        return json!([root()]);
    }
    let id = |of: &str| json!({"default": of.to_uppercase(), "description": format!("The id of the {of}.")});
    json!([
        {
            "url": "/api/accounts/{account_id}/workspaces/{workspace_id}",
            "description": "A workspace",
            "variables": {"account_id": id("account"), "workspace_id": id("workspace")},
        },
        {"url": "/api", "description": "The only workspace of the key's owner"},
    ])
}

fn tags() -> Value {
    let tags: BTreeSet<_> = CONTRACT.operations.iter().map(|operation| operation::tag(&operation.path)).collect();
    tags.into_iter().map(|tag| json!({"name": tag})).collect()
}

fn paths(table: &Table, mode: Mode) -> Map<String, Value> {
    let texts = Texts::read();
    let mut paths = Map::new();
    for operation in &CONTRACT.operations {
        let served = table.get(&(operation.method, operation.shape.clone())).copied();
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        if mode == Mode::Accounts && served.is_some_and(|served| served.mount == Mount::Root) {
            item["servers"] = json!([root()]);
        }
        item[operation.method.as_str().to_lowercase()] = operation::describe(operation, served, &texts, mode);
    }
    paths
}
