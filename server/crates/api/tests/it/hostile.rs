//! Invalid bodies for every route that reads one: each is rejected with a clear error, changes no table, and never causes a server
//! error.

use api::{extract::body::MAX_BODY_BYTES, route::Route};
use axum::body::Body;
use control::Cx;
use http::StatusCode;
use serde_json::{Value, json};
use testkit::tables::Tables;

use crate::{
    client::{Client, TestResponse},
    fixture::{UNKNOWN_ID, WorkspaceFixture, operation, routes_with_body},
    mutation::{Expected, Mutant, Target, mutants},
};

/// Each route is tested with at least so many invalid bodies.
const MIN_MUTANTS: usize = 40;

#[track_caller]
fn check(response: &TestResponse, expected: &Expected, what: &str) {
    let error = &response.body["exception_detail"][0];
    match expected {
        Expected::InvalidJson => {
            assert_eq!(
                (response.status.as_u16(), &error["type"]),
                (422, &json!("json_invalid")),
                "{what}: {}",
                response.body
            );
            assert!(error["ctx"]["line"].is_u64() && error["ctx"]["column"].is_u64(), "{what}: {error}");
        }
        Expected::InvalidField(loc) => {
            let reported =
                error["loc"].as_array().unwrap_or_else(|| panic!("{what}: {} {}", response.status, response.body));
            // A list may be rejected because of an element, and a value because of a part.
            let shorter = reported.len().min(loc.len());
            let is_located = reported[..shorter] == loc[..shorter] && shorter + 1 >= loc.len();
            assert!(
                response.status == 422 && is_located,
                "{what} must be rejected at {loc:?}: {} {}",
                response.status,
                response.body
            );
        }
        Expected::TooLarge => {
            assert_eq!(response.status, StatusCode::PAYLOAD_TOO_LARGE, "{what}");
            let limit = format!("{MAX_BODY_BYTES} bytes");
            assert!(
                response.body["detail"].as_str().is_some_and(|detail| detail.contains(&limit)),
                "{}",
                response.body
            );
        }
        Expected::Accepted => {
            // A conflict means that an earlier mutant created the same object.
            let conflicts = response.status == StatusCode::CONFLICT;
            assert!(
                response.status.is_success() || conflicts,
                "{what} must be accepted: {} {}",
                response.status,
                response.body
            );
        }
    }
}

async fn send(client: &Client, route: &Route<Cx>, path: &str, mutant: &Mutant) {
    let response = client.call(route.method.as_str(), path, Body::from(mutant.body.clone())).await;
    check(&response, &mutant.expected, &format!("{}: {}", operation(route), mutant.description));
}

testkit::on_both! {
    async fn invalid_bodies_are_rejected_by_field_without_writes(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let fixture = WorkspaceFixture::populate(&ann, "fixture").await;
        let mut tables = Tables::of(&app).await;
        for route in routes_with_body() {
            let (path, valid) = (fixture.path(&route), fixture.body(&route));
            let target = Target { route: &operation(&route), payload: route.payload, valid: &valid };
            let (accepted, rejected): (Vec<_>, Vec<_>) =
                mutants(&target).into_iter().partition(|mutant| mutant.expected == Expected::Accepted);
            assert!(accepted.len() + rejected.len() >= MIN_MUTANTS, "{}: only {}", operation(&route), rejected.len());
            let (rows, before) = (tables.counts().await, fixture.snapshot(&ann).await);
            for mutant in rejected {
                send(&ann, &route, &path, &mutant).await;
                assert_eq!(tables.counts().await, rows, "{} wrote something: {}", operation(&route), mutant.description);
            }
            assert_eq!(fixture.snapshot(&ann).await, before, "{} changed something", operation(&route));
            // The unchanged body is valid, so each mutant was rejected because of its one change.
            let response = fixture.call(&ann, &route, &format!("{}{path}", ann.base)).await;
            assert!(response.status.is_success(), "{}: {} {}", operation(&route), response.status, response.body);
            for mutant in accepted {
                send(&ann, &route, &path, &mutant).await;
            }
        }
    }

    async fn nul_is_removed_from_log_lines_and_kept_in_json(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let line = json!([{"name": "n\0n", "level": 20, "message": "a\0b", "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": UNKNOWN_ID}]);
        assert_eq!(ann.post("/logs", line).await.expect(201), Value::Null);
        let lines = ann.post("/logs/filter", json!({"logs": {"flow_run_id": {"any_": [UNKNOWN_ID]}}})).await.expect(200);
        assert_eq!((&lines[0]["name"], &lines[0]["message"]), (&json!("nn"), &json!("ab")));
        let flow = ann.post("/flows", json!({"name": "f"})).await.expect(201);
        let free = json!({"a\0b": ["\0"]});
        let state = json!({"type": "PENDING", "name": "a\0b", "message": "\0", "data": free});
        let run = json!({"flow_id": flow["id"], "parameters": free, "context": free, "job_variables": free, "state": state});
        let run = ann.post("/flow_runs", run).await.expect(201);
        let run = ann.get(&format!("/flow_runs/{}", run["id"].as_str().unwrap())).await.expect(200);
        for kept in [&run["parameters"], &run["context"], &run["job_variables"], &run["state"]["data"]] {
            assert_eq!(*kept, free);
        }
        assert_eq!((&run["state"]["name"], &run["state"]["message"]), (&json!("ab"), &json!("")));
    }

    async fn one_invalid_line_rejects_the_batch(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let valid = json!({"name": "n", "level": 20, "message": "valid", "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": UNKNOWN_ID});
        ann.post("/logs", json!([valid, {"name": "n"}])).await.expect(422);
        assert_eq!(ann.post("/logs/filter", json!({})).await.expect(200), json!([]));
    }
}
