//! JSON schemas of the contract's types.
//!
//! The notation of types: `[T]` is a list, `{T}` a map, `a | b` a union, `"x"` a constant; the rest are names.

use serde_json::{Map, Value, json};

use crate::contract::{CONTRACT, Type};

const COMPONENTS: &str = "#/components/schemas/";

/// The schema of a type.
pub fn schema(kind: &str) -> Value {
    match alternatives(kind).as_slice() {
        [kind] => single(kind),
        kinds => union(kinds),
    }
}

/// A reference to a component.
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("{COMPONENTS}{name}")})
}

/// The schema that a name of the contract stands for; none for an unknown name.
pub fn named(name: &str) -> Option<Value> {
    let (newest, older) = CONTRACT.definitions(name).split_last()?;
    let mut schema = newest.is.as_deref().map_or_else(|| object_schema(newest), schema);
    if !older.is_empty() {
        let others: Vec<&str> = older.iter().flat_map(|definition| &definition.versions).map(String::as_str).collect();
        let versions = newest.versions.join(", ");
        schema["description"] = format!("As defined by {versions}; defined otherwise by {}.", others.join(", ")).into();
    }
    Some(schema)
}

/// The schemas of all components that the document refers to, and of those that these refer to, beside those that are `given`.
pub fn components(document: &Value, given: Map<String, Value>) -> Map<String, Value> {
    let mut found = given;
    let mut pending = Vec::new();
    collect_references(document, &mut pending);
    while let Some(name) = pending.pop() {
        if let Some(schema) = named(&name).filter(|_| !found.contains_key(&name)) {
            collect_references(&schema, &mut pending);
            found.insert(name, schema);
        }
    }
    found
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(COMPONENTS));
            found.extend(name.map(str::to_owned));
            object.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

fn object_schema(object: &Type) -> Value {
    let fields = || object.fields.iter().flatten();
    let properties: Map<String, Value> =
        fields().map(|(name, kind)| (name.trim_end_matches('?').to_owned(), schema(kind))).collect();
    let required: Vec<&str> = fields().map(|(name, _)| name.as_str()).filter(|name| !name.ends_with('?')).collect();
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if object.closed {
        schema["additionalProperties"] = json!(false);
    }
    schema
}

fn single(kind: &str) -> Value {
    if let Some(inner) = between(kind, '[', ']') {
        return json!({"type": "array", "items": schema(inner)});
    }
    if let Some(inner) = between(kind, '{', '}') {
        return json!({"type": "object", "additionalProperties": schema(inner)});
    }
    match kind {
        "any" => json!({}),
        "null" | "boolean" | "integer" | "number" | "string" | "object" => json!({"type": kind}),
        "time-delta" => json!({"type": "number", "description": "Seconds"}),
        "binary" | "date-time" | "duration" | "password" | "path" | "uri" | "uuid" => {
            json!({"type": "string", "format": kind})
        }
        _ => between(kind, '"', '"').map_or_else(|| reference(kind), |text| json!({"const": text})),
    }
}

fn union(kinds: &[&str]) -> Value {
    let constants: Option<Vec<&str>> = kinds.iter().map(|kind| between(kind, '"', '"')).collect();
    if let Some(constants) = constants {
        return json!({"type": "string", "enum": constants});
    }
    let mut schemas: Vec<Value> = kinds.iter().map(|kind| single(kind)).collect();
    // `T | null` is the most frequent union, and shorter as a list of types.
    if let [first, second] = schemas.as_mut_slice()
        && second["type"] == "null"
        && first["type"].is_string()
    {
        first["type"] = json!([first["type"], "null"]);
        return first.take();
    }
    json!({"anyOf": schemas})
}

/// `[a | b] | c` is `[a | b]` or `c`.
fn alternatives(kind: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = kind.split(|character| {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == '|' && depth == 0
    });
    parts.map(str::trim).collect()
}

fn between(kind: &str, open: char, close: char) -> Option<&str> {
    kind.strip_prefix(open)?.strip_suffix(close)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Map, components, named, schema};

    #[test]
    fn types_become_schemas() {
        for (kind, expected) in [
            ("any", json!({})),
            ("uuid", json!({"type": "string", "format": "uuid"})),
            ("integer | null", json!({"type": ["integer", "null"]})),
            ("date-time | null", json!({"type": ["string", "null"], "format": "date-time"})),
            (
                "[string | integer]",
                json!({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}),
            ),
            (
                "{[integer]}",
                json!({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}}),
            ),
            ("\"and_\" | \"or_\"", json!({"type": "string", "enum": ["and_", "or_"]})),
            ("\"task_run\"", json!({"const": "task_run"})),
            ("Flow | null", json!({"anyOf": [{"$ref": "#/components/schemas/Flow"}, {"type": "null"}]})),
        ] {
            assert_eq!(schema(kind), expected, "{kind}");
        }
    }

    #[test]
    fn a_closed_type_allows_no_other_fields() {
        let create = named("FlowCreate").unwrap();
        assert_eq!((&create["required"], &create["additionalProperties"]), (&json!(["name"]), &json!(false)));
        assert!(named("Flow").unwrap().get("additionalProperties").is_none());
        assert_eq!(named("Nothing"), None);
    }

    #[test]
    fn components_include_what_components_refer_to() {
        let found = components(
            &json!({"schema": schema("[FlowRunResponse]")}),
            Map::from_iter([("Given".to_owned(), json!({}))]),
        );
        for name in ["FlowRunResponse", "State", "StateType", "Given"] {
            assert!(found.contains_key(name), "{name}");
        }
        assert!(!found.contains_key("WorkPool"));
    }
}
