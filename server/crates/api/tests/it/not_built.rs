//! The operations that clients know and this server does not have yet: 501 for a member of the workspace, and nothing for others.

use std::collections::BTreeSet;

use api::contract::{CONTRACT, Operation, shape};
use axum::body::Body;
use serde_json::json;

use crate::{client::Client, contract_file::UNKNOWN_ID};

/// What clients or browsers may ask for and no supported client's OpenAPI file lists.
const UNKNOWN: [(&str, &str); 7] = [
    ("GET", "/events/out"),
    ("GET", "/logs/out"),
    ("GET", "/task_runs/subscriptions/scheduled"),
    ("GET", "/work_pools/main/workers/connect"),
    ("GET", "/collections/work_pool_types"),
    ("POST", "/telemetry/v1/metrics"),
    ("GET", "/metrics"),
];

/// The operations that no route serves, each with a path.
fn not_built() -> Vec<(&'static Operation, String)> {
    let built: BTreeSet<_> = api::routes::all().iter().map(|route| (route.method, shape(route.path))).collect();
    let missing = CONTRACT.operations.iter().filter(|known| !built.contains(&(known.method, known.shape.clone())));
    missing.map(|operation| (operation, any_path(&operation.path))).collect()
}

/// The path with a value for each parameter.
pub fn any_path(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { UNKNOWN_ID } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

testkit::on_both! {
    async fn a_missing_operation_gets_501_with_its_name(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        for (operation, path) in not_built() {
            let detail = format!("Not implemented: this server does not have {} yet.", operation.name());
            for path in [format!("{}{path}", ann.base), path.clone(), format!("{path}/")] {
                let response = ann.call_at(operation.method.as_str(), &path, Body::from("{")).await;
                assert_eq!(response.expect(501), json!({"detail": detail}), "{path}");
            }
        }
    }

    async fn a_missing_operation_needs_key_and_membership(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let bob = Client::new(&app, "bob").await;
        let (nobody, intruder) = (ann.with_key(None), ann.with_key(bob.key.as_deref()));
        for (operation, path) in not_built() {
            let method = operation.method.as_str();
            nobody.call(method, &path, Body::empty()).await.expect(401);
            nobody.call_at(method, &path, Body::empty()).await.expect(401);
            intruder.call(method, &path, Body::empty()).await.expect(404);
        }
    }

    async fn what_no_client_knows_stays_404(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let other_methods = [("PUT", "/flows/filter"), ("PATCH", "/flows/filter"), ("GET", "/variables/count/more"), ("POST", "/hello")];
        for (method, path) in UNKNOWN.into_iter().chain(other_methods) {
            let response = ann.call(method, path, Body::empty()).await.expect(404);
            assert_eq!(response["detail"], format!("Not Found: this server has no {method} {}{path}.", ann.base));
        }
    }
}
