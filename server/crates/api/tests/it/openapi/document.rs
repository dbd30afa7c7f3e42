//! The OpenAPI document as the server sends it, with a validator of JSON schemas.

use std::collections::BTreeMap;

use api::{contract::shape, route::Method};
use axum::body::Body;
use boon::{Compiler, Schemas};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};
use testkit::TestApp;
use tower::ServiceExt as _;

use crate::client::TestResponse;

/// The schema of documents of OpenAPI 3.1, published by the OpenAPI Initiative under Apache-2.0.
const META_SCHEMA: &str = include_str!("../../openapi/schema-3.1.json");
const META_SCHEMA_URL: &str = "https://spec.openapis.org/oas/3.1/schema/2022-10-07";
/// Under this URL the validator finds the document itself.
const DOCUMENT_URL: &str = "https://provost.example.org/api/openapi.json";

pub struct Document {
    pub value: Value,
    pub operations: BTreeMap<(Method, String), Operation>,
}

/// One operation of the document.
pub struct Operation {
    pub path: String,
    pub object: Value,
    /// Whether it is served below `/api` only, and not in every workspace.
    pub at_root: bool,
    /// The place of the operation object in the document.
    pointer: String,
}

impl Document {
    /// Reads the document without a key.
    pub async fn read(app: &TestApp) -> Self {
        let request = Request::get("/openapi.json").body(Body::empty()).unwrap();
        let response = api::router::router(app.cx.clone()).oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/json");
        let value: Value = serde_json::from_slice(&response.collect().await.unwrap().to_bytes()).unwrap();
        let mut operations = BTreeMap::new();
        for (path, item) in object(&value["paths"]) {
            for (name, operation) in object(item).iter().filter(|(name, _)| *name != "servers") {
                let method = Method::parse(&name.to_uppercase()).unwrap_or_else(|| panic!("{name} {path}"));
                let operation = Operation {
                    path: path.clone(),
                    object: operation.clone(),
                    at_root: item["servers"] == json!([{"url": "/api"}]),
                    pointer: format!("/paths/{}/{name}", path.replace('/', "~1")),
                };
                assert!(operations.insert((method, shape(path)), operation).is_none(), "{path} is there twice");
            }
        }
        Self { value, operations }
    }

    /// Checks the document against the schema of OpenAPI 3.1, and that each schema in it is one.
    pub fn check(&self) {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource(META_SCHEMA_URL, serde_json::from_str(META_SCHEMA).unwrap()).unwrap();
        let index = compiler.compile(META_SCHEMA_URL, &mut schemas).unwrap();
        schemas.validate(&self.value, index).unwrap_or_else(|error| panic!("{error:#}"));
        let mut pointers = Vec::new();
        collect_schemas(&self.value, "", &mut pointers);
        let mut validator = self.validator();
        for pointer in pointers {
            validator.compile(&pointer);
        }
    }

    fn validator(&self) -> Validator {
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource(DOCUMENT_URL, self.value.clone()).unwrap();
        Validator { compiler, schemas: Schemas::new() }
    }

    /// Checks that the document says of operations what the server has answered.
    pub fn check_responses(&self, responses: &[(&Operation, TestResponse)]) {
        let mut validator = self.validator();
        for (operation, response) in responses {
            self.check_response(&mut validator, operation, response);
        }
    }

    fn check_response(&self, validator: &mut Validator, operation: &Operation, response: &TestResponse) {
        let (status, name) = (response.status.as_str(), &operation.object["operationId"]);
        let component = operation.object["responses"][status]["$ref"].as_str();
        let place = component.map(|reference| reference.trim_start_matches('#').to_owned());
        let place = place.unwrap_or_else(|| format!("{}/responses/{status}", operation.pointer));
        let found = self.value.pointer(&place).unwrap_or_else(|| panic!("{name} has no {status}: {}", response.body));
        if found["content"].is_null() {
            assert_eq!(response.body, Value::Null, "{name} {status}");
            return;
        }
        let result = validator.validate(&format!("{place}/content/application~1json/schema"), &response.body);
        assert_eq!(result, Ok(()), "{name} {status}: {}", response.body);
    }
}

/// Validates values by the schemas of the document.
struct Validator {
    compiler: Compiler,
    schemas: Schemas,
}

impl Validator {
    /// Prepares the schema at a JSON pointer; fails if it is none, or if it refers to something that is not there.
    #[track_caller]
    fn compile(&mut self, pointer: &str) -> boon::SchemaIndex {
        // In a URL braces are escaped.
        let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
        let schema = self.compiler.compile(&format!("{DOCUMENT_URL}#{fragment}"), &mut self.schemas);
        schema.unwrap_or_else(|error| panic!("{pointer}: {error:#}"))
    }

    fn validate(&mut self, pointer: &str, value: &Value) -> Result<(), String> {
        let index = self.compile(pointer);
        self.schemas.validate(value, index).map_err(|error| format!("{error:#}"))
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}"))
}

/// The JSON pointers of all schemas.
fn collect_schemas(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let Value::Object(object) = value else {
        for (index, value) in value.as_array().into_iter().flatten().enumerate() {
            collect_schemas(value, &format!("{pointer}/{index}"), found);
        }
        return;
    };
    for (key, value) in object {
        let inner = format!("{pointer}/{}", key.replace('/', "~1"));
        if key == "schema" || pointer == "/components/schemas" {
            found.push(inner);
        } else {
            collect_schemas(value, &inner, found);
        }
    }
}
