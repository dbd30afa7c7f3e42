//! The OpenAPI document against the router: what it says of routes, security and responses is what the server does.

mod document;

use std::collections::BTreeSet;

use api::{
    contract::shape,
    route::{Access, Method, Mount, Payload, Route},
};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use crate::{
    client::Client,
    fixture::{WorkspaceFixture, operation},
    not_built::any_path,
};
use document::{Document, Operation};

fn is_built(operation: &Operation) -> bool {
    operation.object["x-provost-status"] != "not implemented"
}

fn routes() -> Vec<Route<Cx>> {
    api::routes::all()
}

fn urls(document: &Document) -> Vec<&str> {
    document.value["servers"].as_array().unwrap().iter().filter_map(|server| server["url"].as_str()).collect()
}

/// Checks what the document says of a route.
fn check_route(document: &Document, route: &Route<Cx>, local: bool) {
    let (name, described) = (operation(route), &document.operations[&(route.method, shape(route.path))]);
    assert!(is_built(described), "{name}");
    assert_eq!(described.at_root, route.mount == Mount::Root && !local, "{name}");
    let security = if route.access == Access::Public || local { json!([]) } else { json!([{"apiKey": []}]) };
    assert_eq!(described.object["security"], security, "{name}");
    let required = match route.payload {
        Payload::Required => json!(true),
        Payload::Optional => json!(false),
        Payload::None | Payload::Frames => Value::Null,
    };
    assert_eq!(described.object["requestBody"]["required"], required, "{name}");
}

testkit::on_both! {
    async fn the_document_is_openapi_3_1(app: TestApp) {
        let local = app.with(|settings| settings.local = true);
        for document in [Document::read(&app).await, Document::read(&local).await] {
            document.check();
            let mut ids = BTreeSet::new();
            for Operation { path, object: operation, .. } in document.operations.values() {
                assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{} is there twice", operation["operationId"]);
                let in_path = |parameter: &&Value| parameter["in"] == "path";
                let declared = operation["parameters"].as_array().unwrap().iter().filter(in_path).filter_map(|parameter| parameter["name"].as_str());
                let used = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
                assert_eq!(declared.collect::<BTreeSet<_>>(), used.collect(), "{path}");
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{path}");
            }
        }
    }

    async fn the_document_has_each_route_with_its_security(app: TestApp) {
        let workspace = "/api/accounts/{account_id}/workspaces/{workspace_id}";
        for (local, servers) in [(false, vec![workspace, "/api"]), (true, vec!["/api"])] {
            let document = Document::read(&app.with(|settings| settings.local = local)).await;
            assert_eq!(urls(&document), servers);
            routes().iter().for_each(|route| check_route(&document, route, local));
            let built = document.operations.values().filter(|operation| is_built(operation)).count();
            assert_eq!(built, routes().len(), "the document has an operation that no route serves");
            assert_eq!(document.value["components"].get("securitySchemes").is_some(), !local);
        }
    }

    async fn the_router_has_each_operation_of_the_document(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let nobody = ann.with_key(None);
        let document = Document::read(&app).await;
        let mut answers = Vec::new();
        for ((method, _), described) in &document.operations {
            let path = any_path(&described.path);
            // A request without an upgrade is rejected before a socket could authenticate.
            if path == "/events/in" {
                continue;
            }
            let below = format!("{}{path}", ann.base);
            for path in if described.at_root { vec![path] } else { vec![path, below] } {
                let name = format!("{} {path}", method.as_str());
                let without_key = nobody.call_at(method.as_str(), &path, Body::empty()).await.status;
                assert_eq!(without_key == 401, described.object["security"] != json!([]), "{name}: {without_key}");
                let response = ann.call_at(method.as_str(), &path, Body::empty()).await;
                assert_eq!(response.status == 501, !is_built(described), "{name}: {} {}", response.status, response.body);
                let detail = response.body["detail"].as_str().unwrap_or_default();
                assert!(!detail.contains("this server has no "), "{name}: {detail}");
                answers.push((described, response));
            }
        }
        document.check_responses(&answers);
    }

    async fn each_answer_is_in_the_document(app: TestApp) {
        let mut ann = Client::new(&app, "ann").await;
        let mut fixture = WorkspaceFixture::populate(&ann, "fixture").await;
        let document = Document::read(&app).await;
        let mut answers = Vec::new();
        let mut routes: Vec<_> = routes().into_iter().filter(|route| route.payload != Payload::Frames).collect();
        routes.sort_by_key(|route| route.method == Method::Delete);
        for (index, route) in routes.into_iter().enumerate() {
            if route.method == Method::Delete {
                // A deleted object can't be read or deleted again.
                ann = Client::new(&app, &format!("ann{index}")).await;
                fixture = WorkspaceFixture::populate(&ann, "fixture").await;
            }
            let described = &document.operations[&(route.method, shape(route.path))];
            let path = fixture.path(&route);
            let path = if described.at_root { path } else { format!("{}{path}", ann.base) };
            let response = fixture.call(&ann, &route, &path).await;
            assert_eq!(response.status.is_success(), operation(&route) != "GET /csrf-token", "{path}: {}", response.body);
            answers.push((described, response));
            if route.access != Access::Public {
                answers.push((described, fixture.call(&ann.with_key(None), &route, &path).await));
            }
            if matches!(route.payload, Payload::Required | Payload::Optional) {
                let invalid = ann.call_at(route.method.as_str(), &path, Body::from("{")).await;
                assert_eq!(invalid.status, 422, "{path}");
                answers.push((described, invalid));
            }
        }
        document.check_responses(&answers);
    }
}
