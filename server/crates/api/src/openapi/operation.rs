//! One operation of the document.

use serde_json::{Map, Value, json};

use super::{Mode, Served, response, schema, text::Texts};
use crate::{
    contract::Operation,
    route::{Access, Payload},
};

/// The name of the scheme by which callers authenticate.
pub const SECURITY_SCHEME: &str = "apiKey";

/// The operation as served; `served` is none if it is not built.
pub fn describe(operation: &Operation, served: Option<Served>, texts: &Texts, mode: Mode) -> Value {
    let name = operation.name();
    let mut value = json!({
        "operationId": id(operation),
        "tags": [tag(&operation.path)],
        "summary": texts.summary(&name),
        "parameters": parameters(operation),
        "responses": response::responses(operation, served, mode),
        "security": security(served, mode),
        "x-client-versions": operation.versions,
    });
    let mut description = texts.description(&name).to_owned();
    if served.is_none() {
        value["x-provost-status"] = json!("not implemented");
        description.insert_str(0, "**Not implemented.** ");
    }
    if !description.is_empty() {
        value["description"] = description.trim_end().into();
    }
    if let Some(kind) = &operation.call.body {
        let is_required = served.is_none_or(|served| served.payload == Payload::Required);
        let content = json!({"application/json": {"schema": body(kind)}});
        value["requestBody"] = json!({"required": is_required, "content": content});
    }
    value
}

/// The name of the group of operations.
pub fn tag(path: &str) -> String {
    let segment = path.split('/').nth(1).unwrap_or_default();
    match segment {
        "admin" | "csrf-token" | "health" | "hello" | "me" | "openapi.json" | "ready" | "version" => {
            "Server".to_owned()
        }
        "block_capabilities" | "block_documents" | "block_schemas" | "block_types" => "Blocks".to_owned(),
        "concurrency_limits" => "Concurrency limits of tags".to_owned(),
        "flow_run_notification_policies" => "Notification policies".to_owned(),
        "flow_run_states" => "Flow runs".to_owned(),
        "task_run_states" => "Task runs".to_owned(),
        "templates" => "Automations".to_owned(),
        "ui" => "Summaries for pages".to_owned(),
        "v2" => "Concurrency limits".to_owned(),
        _ => capitalized(&segment.replace('_', " ")),
    }
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// `get_flows_by_id`.
fn id(operation: &Operation) -> String {
    let mut id = operation.method.as_str().to_lowercase();
    for segment in operation.path.split('/').skip(1) {
        id.push('_');
        match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
            Some(parameter) => id.extend(["by_", parameter]),
            None => id.push_str(segment),
        }
    }
    id.replace(|character: char| !character.is_ascii_alphanumeric(), "_")
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let parameter = |location: &str, name: &str, kind: &str| {
        let name = (name.trim_end_matches('?'), !name.ends_with('?'));
        json!({"name": name.0, "in": location, "required": name.1, "schema": schema::schema(kind)})
    };
    let path = operation.call.path.iter().map(|(name, kind)| parameter("path", name, kind));
    path.chain(operation.call.query.iter().map(|(name, kind)| parameter("query", name, kind))).collect()
}

/// In local mode nothing needs a key.
fn security(served: Option<Served>, mode: Mode) -> Value {
    let is_public = served.is_some_and(|served| served.access == Access::Public);
    if is_public || mode == Mode::Local {
        return json!([]);
    }
    let scheme = Map::from_iter([(SECURITY_SCHEME.to_owned(), json!([]))]);
    json!([scheme])
}

/// The schema of a request's body. A type of one operation only, whose name the clients' files have derived from the operation's, is
/// written out here.
fn body(kind: &str) -> Value {
    let is_derived = kind.starts_with("Body_");
    schema::named(kind).filter(|_| is_derived).unwrap_or_else(|| schema::schema(kind))
}
