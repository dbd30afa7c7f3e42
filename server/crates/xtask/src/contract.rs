//! The contract file: the operations that the supported client versions know, and the names and types of their fields.
//!
//! One line for each operation and each type. Versions whose definitions are equal share an entry:
//! `"POST /flows/": [{"in": ["2.0.4", "3.8.8"], "body": "FlowCreate", "answers": {"200": "Flow"}}]`.
//! Notation of types: `[T]` is a list, `{T}` a map, `a | b` a union; `?` after a field's name marks an optional field.
//! `"closed": true` marks an object that allows no additional fields.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

const METHODS: &[&str] = &["delete", "get", "patch", "post", "put"];
const TYPE_PREFIX: &str = "#/components/schemas/";

/// Entries by name; each variant with the client versions that share it.
type Table = BTreeMap<String, Vec<(Vec<String>, Value)>>;

#[derive(Default)]
pub struct Contract {
    versions: Vec<String>,
    operations: Table,
    types: Table,
}

impl Contract {
    pub fn add(&mut self, version: &str, api: &Value) -> Result<()> {
        self.versions.push(version.to_owned());
        for (path, methods) in object(&api["paths"]).context("no paths")? {
            // Some versions put the prefix `/api` into the paths of their OpenAPI file, others do not.
            let path = path.strip_prefix("/api").unwrap_or(path);
            for method in METHODS {
                if let Some(operation) = methods.get(*method) {
                    let name = format!("{} {path}", method.to_uppercase());
                    add(&mut self.operations, name, version, describe_operation(operation));
                }
            }
        }
        for (name, schema) in object(&api["components"]["schemas"]).context("no schemas")? {
            add(&mut self.types, name.clone(), version, describe_type(schema));
        }
        Ok(())
    }

    pub fn operations(&self) -> usize {
        self.operations.len()
    }

    pub fn types(&self) -> usize {
        self.types.len()
    }

    pub fn to_json(&self) -> String {
        let versions = json!(self.versions);
        let (operations, types) = (rows(&self.operations), rows(&self.types));
        format!(
            "{{\n\"versions\": {versions},\n\"operations\": {{\n{operations}\n}},\n\"types\": {{\n{types}\n}}\n}}\n"
        )
    }
}

fn add(table: &mut Table, name: String, version: &str, entry: Value) {
    let variants = table.entry(name).or_default();
    match variants.iter_mut().find(|(_, known)| *known == entry) {
        Some((versions, _)) => versions.push(version.to_owned()),
        None => variants.push((vec![version.to_owned()], entry)),
    }
}

fn rows(table: &Table) -> String {
    let row = |(name, variants): (&String, &Vec<(Vec<String>, Value)>)| {
        let variants = variants.iter().map(|(versions, entry)| {
            let mut entry = entry.clone();
            entry["in"] = json!(versions);
            entry
        });
        format!("{}: {}", json!(name), Value::from_iter(variants))
    };
    table.iter().map(row).collect::<Vec<_>>().join(",\n")
}

fn describe_operation(operation: &Value) -> Value {
    let mut entry = Map::new();
    for location in ["path", "query"] {
        let fields = parameters(operation, location);
        if !fields.is_empty() {
            entry.insert(location.to_owned(), fields.into());
        }
    }
    if let Some(schema) = schema_of(&operation["requestBody"]) {
        entry.insert("body".to_owned(), text(schema).into());
    }
    let mut responses = Map::new();
    for (status, response) in object(&operation["responses"]).into_iter().flatten() {
        responses.insert(status.clone(), schema_of(response).map_or(Value::Null, |schema| text(schema).into()));
    }
    entry.insert("answers".to_owned(), responses.into());
    entry.into()
}

fn parameters(operation: &Value, location: &str) -> Map<String, Value> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    let matching = all.filter(|parameter| parameter["in"] == location);
    matching
        .filter_map(|parameter| {
            let optional = if parameter["required"] == true { "" } else { "?" };
            let name = format!("{}{optional}", parameter["name"].as_str()?);
            Some((name, text(&parameter["schema"]).into()))
        })
        .collect()
}

/// The schema of a request or response body, of any media type.
fn schema_of(body: &Value) -> Option<&Value> {
    object(&body["content"])?.values().find_map(|media| media.get("schema"))
}

fn describe_type(schema: &Value) -> Value {
    let Some(properties) = object(&schema["properties"]) else {
        return json!({ "is": text(schema) });
    };
    let mut entry = Map::new();
    entry.insert("fields".to_owned(), fields(schema, properties).into());
    if schema["additionalProperties"] == false {
        entry.insert("closed".to_owned(), true.into());
    }
    entry.into()
}

fn fields(schema: &Value, properties: &Map<String, Value>) -> Map<String, Value> {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let named = properties.iter().map(|(name, schema)| {
        let optional = if required.contains(&name.as_str()) { "" } else { "?" };
        (format!("{name}{optional}"), text(schema).into())
    });
    named.collect()
}

/// A type in one line.
fn text(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str() {
        return name.strip_prefix(TYPE_PREFIX).unwrap_or(name).to_owned();
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(values) = schema["enum"].as_array() {
        return joined(values.iter().map(Value::to_string), " | ");
    }
    for (keyword, glue) in [("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")] {
        if let Some(parts) = schema[keyword].as_array() {
            return joined(parts.iter().map(text), glue);
        }
    }
    match schema["type"].as_str() {
        Some("array") => format!("[{}]", text(&schema["items"])),
        Some("object") => object_text(schema),
        Some(plain) => schema["format"].as_str().unwrap_or(plain).to_owned(),
        None => "any".to_owned(),
    }
}

fn object_text(schema: &Value) -> String {
    if let Some(properties) = object(&schema["properties"]) {
        let named = fields(schema, properties).into_iter();
        let named = named.map(|(name, kind)| format!("{name}: {}", kind.as_str().unwrap_or_default()));
        return format!("{{{}}}", joined(named, ", "));
    }
    match &schema["additionalProperties"] {
        Value::Object(inner) if !inner.is_empty() => format!("{{{}}}", text(&schema["additionalProperties"])),
        _ => "object".to_owned(),
    }
}

fn joined(parts: impl Iterator<Item = String>, glue: &str) -> String {
    parts.collect::<Vec<_>>().join(glue)
}

fn object(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_become_one_line_types() {
        let cases = [
            (json!({ "$ref": "#/components/schemas/Flow" }), "Flow"),
            (json!({ "type": "string", "format": "uuid" }), "uuid"),
            (
                json!({ "anyOf": [{ "type": "array", "items": { "type": "string" } }, { "type": "null" }] }),
                "[string] | null",
            ),
            (json!({ "enum": ["ASC", "DESC"], "type": "string" }), "\"ASC\" | \"DESC\""),
            (json!({ "type": "object", "additionalProperties": { "type": "integer" } }), "{integer}"),
            (
                json!({ "type": "object", "properties": { "a": {}, "b": { "type": "number" } }, "required": ["b"] }),
                "{a?: any, b: number}",
            ),
            (json!({ "type": "object" }), "object"),
        ];
        for (schema, expected) in cases {
            assert_eq!(text(&schema), expected);
        }
    }

    #[test]
    fn equal_definitions_share_an_entry() {
        let api = |path: &str, kind: &str| {
            let mut methods = Map::new();
            methods.insert("get".to_owned(), json!({ "responses": { "200": {} } }));
            let paths: Map<String, Value> = [(path.to_owned(), methods.into())].into_iter().collect();
            let fields = json!({ "id": { "type": kind } });
            json!({ "paths": paths, "components": { "schemas": { "Flow": { "type": "object", "properties": fields } } } })
        };
        let mut contract = Contract::default();
        contract.add("1", &api("/flows/", "string")).unwrap();
        contract.add("2", &api("/api/flows/", "integer")).unwrap();
        let written: Value = serde_json::from_str(&contract.to_json()).unwrap();
        assert_eq!(written["operations"]["GET /flows/"], json!([{ "answers": { "200": null }, "in": ["1", "2"] }]));
        assert_eq!(written["types"]["Flow"][1], json!({ "fields": { "id?": "integer" }, "in": ["2"] }));
    }
}
