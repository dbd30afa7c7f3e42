//! The responses of an operation: its successes, as clients know them, and the errors of this server.

use model::permission::Role;
use serde_json::{Map, Value, json};

use super::{
    Mode, Served,
    schema::{reference, schema},
};
use crate::{
    contract::Operation,
    route::{Access, Method, Payload},
};

/// The responses by status.
pub fn responses(operation: &Operation, served: Option<Served>, mode: Mode) -> Map<String, Value> {
    let component = |name: &str| json!({"$ref": format!("#/components/responses/{name}")});
    let Some(served) = served else {
        return Map::from_iter([("501".to_owned(), component("NotBuilt"))]);
    };
    let mut responses = successes(operation);
    let errors = errors(operation, served, mode).into_iter();
    responses.extend(errors.map(|(status, name)| (status.to_owned(), component(name))));
    responses.insert("default".to_owned(), component("Error"));
    responses
}

fn successes(operation: &Operation) -> Map<String, Value> {
    let is_success = |status: &str| status.starts_with('2') || status == "101";
    let known = || operation.call.answers.iter().filter(|(status, _)| is_success(status));
    let body = known().find_map(|(_, body)| body.as_deref());
    let statuses: Vec<&str> = match operation.name().as_str() {
        "GET /csrf-token" => vec![],
        // The clients' files say 200.
        "POST /artifacts" => vec!["201"],
        // 201 if the call has created the object or changed the state.
        "POST /block_schemas"
        | "POST /flow_runs"
        | "POST /flow_runs/{id}/set_state"
        | "POST /flows"
        | "POST /task_runs"
        | "POST /task_runs/{id}/set_state" => vec!["200", "201"],
        _ => known().map(|(status, _)| status.as_str()).collect(),
    };
    statuses.into_iter().map(|status| (status.to_owned(), success(status, body))).collect()
}

fn success(status: &str, body: Option<&str>) -> Value {
    let description = match status {
        "101" => "The connection is a websocket from here on",
        "201" => "Created",
        "202" => "Accepted",
        "204" => "Done",
        _ => "Success",
    };
    match body {
        Some(kind) => json!({"description": description, "content": {"application/json": {"schema": schema(kind)}}}),
        None => json!({"description": description}),
    }
}

/// The errors that callers should expect. Any operation may also fail otherwise, which `default` stands for.
fn errors(operation: &Operation, served: Served, mode: Mode) -> Vec<(&'static str, &'static str)> {
    let Access::Member(permission) = served.access else {
        return match (served.access, operation.path.as_str()) {
            (Access::Public, "/ready") => vec![("503", "Unavailable")],
            (Access::Public, _) => vec![],
            _ if mode == Mode::Local => vec![("503", "Unavailable")],
            _ => vec![("401", "Unauthorized"), ("503", "Unavailable")],
        };
    };
    let reads_json = matches!(served.payload, Payload::Required | Payload::Optional);
    let changes = !Role::Viewer.may(permission) && served.payload != Payload::Frames;
    let has_query = !operation.call.query.is_empty();
    let rows = [
        (mode == Mode::Accounts, "401", "Unauthorized"),
        (true, "404", "NotFound"),
        (changes && operation.method != Method::Delete, "409", "Conflict"),
        (reads_json, "413", "TooLarge"),
        (reads_json || has_query, "422", "Invalid"),
        (true, "429", "TooManyRequests"),
        (true, "503", "Unavailable"),
    ];
    rows.into_iter().filter(|(applies, ..)| *applies).map(|(_, status, name)| (status, name)).collect()
}

/// The error responses by name.
pub fn components() -> Value {
    let response = |description: &str, schema: Value| json!({"description": description, "content": {"application/json": {"schema": schema}}});
    let with_wait = |mut response: Value| {
        let seconds = json!({"description": "Seconds until the next attempt", "schema": {"type": "number"}});
        response["headers"] = json!({"Retry-After": seconds});
        response
    };
    let (detail, message) = (|| reference("ErrorDetail"), || reference("ErrorMessage"));
    let either = || json!({"anyOf": [detail(), message()]});
    let invalid = json!({"anyOf": [reference("InvalidRequest"), detail()]});
    json!({
        "Unauthorized": response("The key is absent, unknown or expired.", message()),
        "NotFound": response("The workspace or an object does not exist, or the key has no access to it.", either()),
        "Conflict": response("The object exists, or its state does not allow this.", detail()),
        "TooLarge": response("The body is too large.", detail()),
        "Invalid": response("The request is invalid; nothing was changed.", invalid),
        "TooManyRequests": with_wait(response("The server is busy.", detail())),
        "NotBuilt": response("This server does not have the operation yet.", detail()),
        "Unavailable": with_wait(response("The database is unavailable.", message())),
        "Error": response("Another error.", either()),
    })
}

/// The schemas of error bodies by name.
pub fn schemas() -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let location = json!({"type": "array", "items": {"type": ["string", "integer"]}});
    let error = json!({
        "type": "object",
        "properties": {"type": text(), "loc": location, "msg": text(), "input": {}, "ctx": {"type": "object"}},
        "required": ["type", "loc", "msg", "input"],
    });
    let object = |properties: Value, required: &[&str]| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let schemas = [
        ("ErrorDetail", object(json!({"detail": text()}), &["detail"])),
        ("ErrorMessage", object(json!({"exception_message": text()}), &["exception_message"])),
        (
            "InvalidRequest",
            object(
                json!({
                    "exception_message": text(),
                    "exception_detail": {"type": "array", "items": error},
                    "request_body": {"description": "The body or the query; null if it is too large or not JSON"},
                }),
                &["exception_message", "exception_detail", "request_body"],
            ),
        ),
    ];
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
