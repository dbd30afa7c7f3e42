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
    contract_file::UNKNOWN_ID,
    fixture::{WorkspaceFixture, operation, routes_with_body},
    mutation::{Expected, Mutant, Target, mutants},
};

/// Each route is tested with at least so many invalid bodies.
const MIN_MUTANTS: usize = 40;

/// The rows of all tables are counted after so many of them.
const COUNTED_AFTER: usize = 16;

fn is_as_expected(response: &TestResponse, expected: &Expected) -> bool {
    let error = &response.body["exception_detail"][0];
    match expected {
        Expected::InvalidJson => {
            let is_located = error["ctx"]["line"].is_u64() && error["ctx"]["column"].is_u64();
            response.status == 422 && error["type"] == "json_invalid" && is_located
        }
        Expected::InvalidField(loc) => {
            let Some(reported) = error["loc"].as_array() else { return false };
            // A list may be rejected because of an element, and a value because of a part.
            let shorter = reported.len().min(loc.len());
            response.status == 422 && reported[..shorter] == loc[..shorter] && shorter + 1 >= loc.len()
        }
        Expected::TooLarge => {
            let limit = format!("{MAX_BODY_BYTES} bytes");
            let names_limit = response.body["detail"].as_str().is_some_and(|detail| detail.contains(&limit));
            response.status == StatusCode::PAYLOAD_TOO_LARGE && names_limit
        }
        // A conflict means that an earlier mutant created the same object.
        Expected::Accepted => response.status.is_success() || response.status == StatusCode::CONFLICT,
    }
}

/// Sends a mutant, and describes the response if it is not the expected one.
async fn send(client: &Client, route: &Route<Cx>, path: &str, mutant: &Mutant) -> Option<String> {
    let response = client.call(route.method.as_str(), path, Body::from(mutant.body.clone())).await;
    let (what, expected) = (&mutant.description, &mutant.expected);
    let defect = || format!("{} {what}: {expected:?}, but {} {}", operation(route), response.status, response.body);
    (!is_as_expected(&response, expected)).then(defect)
}

testkit::on_both! {
    async fn invalid_bodies_are_rejected_by_field_without_writes(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let fixture = WorkspaceFixture::populate(&ann, "fixture").await;
        let mut tables = Tables::of(&app).await;
        let mut defects = Vec::new();
        for route in routes_with_body() {
            let path = fixture.path(&route);
            let (accepted, rejected): (Vec<_>, Vec<_>) =
                mutants(&Target::of(&fixture, &route, false)).into_iter().partition(|mutant| mutant.expected == Expected::Accepted);
            assert!(rejected.len() >= MIN_MUTANTS, "{}: only {}", operation(&route), rejected.len());
            let (mut rows, before) = (tables.counts().await, fixture.snapshot(&ann).await);
            for some in rejected.chunks(COUNTED_AFTER) {
                for mutant in some {
                    defects.extend(send(&ann, &route, &path, mutant).await);
                }
                let now = tables.counts().await;
                if now != rows {
                    let one_of: Vec<_> = some.iter().map(|mutant| &mutant.description).collect();
                    defects.push(format!("{}: one of {one_of:?} wrote something", operation(&route)));
                }
                rows = now;
            }
            if fixture.snapshot(&ann).await != before {
                defects.push(format!("{} changed something", operation(&route)));
            }
            // The unchanged body is valid, so each mutant was rejected because of its one change.
            let response = fixture.call(&ann, &route, &format!("{}{path}", ann.base)).await;
            if !response.status.is_success() {
                defects.push(format!("{} rejects the valid body: {} {}", operation(&route), response.status, response.body));
            }
            for mutant in &accepted {
                defects.extend(send(&ann, &route, &path, mutant).await);
            }
        }
        defects.truncate(20);
        assert!(defects.is_empty(), "{}", defects.join("\n"));
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
