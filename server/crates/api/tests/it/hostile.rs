//! Bodies that nobody should send, to every route that takes one: always a clear refusal, never a failure of the server.

use api::{
    body::LARGEST,
    route::{Payload, Route},
};
use axum::body::Body;
use control::Cx;
use serde_json::{Value, json};

use crate::client::{Answer, Client};

const ID: &str = "ffc8be5d-17d2-4dfc-8b0b-223935274593";

fn with_bodies() -> Vec<Route<Cx>> {
    let takes_one = |route: &Route<Cx>| matches!(route.payload, Payload::Required | Payload::Optional);
    api::routes::all().into_iter().filter(takes_one).collect()
}

/// Every value of a wrong kind.
const WRONG: [&str; 7] = ["true", "-1", "1.5", "\"x\"", "[]", "[[]]", "{\"x\": {}}"];

/// Texts that are no JSON, or are more than one.
fn broken() -> Vec<String> {
    let mut texts: Vec<String> =
        ["{", "}", "[1,]", "{\"a\" 1}", "{'a': 1}", "nul", "NaN", "\"", "{\"a\": \"\u{1}\"}", "{} {}"]
            .map(str::to_owned)
            .into();
    texts.push(format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)));
    texts.push(format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)));
    texts
}

fn path(route: &Route<Cx>) -> String {
    route.path.replace("{id}", ID).replace("{name}", "x")
}

async fn send(client: &Client, route: &Route<Cx>, body: impl Into<Body>) -> Answer {
    client.call(route.method.as_str(), &path(route), body.into()).await
}

#[track_caller]
fn refused(answer: &Answer, what: &str) {
    assert!(answer.status.is_client_error(), "{what}: {} {}", answer.status, answer.body);
}

testkit::on_both! {
    async fn what_is_no_json_is_refused_by_line_and_column(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        for route in with_bodies() {
            for text in broken() {
                let what = format!("{} {:.40}", route.path, text);
                let answer = send(&ann, &route, text).await;
                let problem = answer.body["exception_detail"][0].clone();
                answer.expect(422);
                // A body may be of the wrong kind before it turns out to be broken.
                let placed = problem["ctx"]["line"].is_u64() && problem["ctx"]["column"].is_u64();
                assert!(placed || problem["loc"][0] == "body", "{what}: {problem}");
            }
            for text in [b"{\"name\": \"\xff\xfe\"}".as_slice(), b"{\"name\": \"\\ud800\"}"] {
                let answer = send(&ann, &route, text.to_vec()).await;
                assert!(ignores_the_rest(&route) || answer.status == 422, "{}: {}", route.path, answer.status);
                assert!(!answer.status.is_server_error(), "{}: {}", route.path, answer.status);
            }
        }
    }

    async fn too_much_is_refused(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let body = format!("{{\"name\": \"{}\"}}", "x".repeat(LARGEST));
        for route in with_bodies() {
            let answer = send(&ann, &route, body.clone()).await;
            assert!(answer.expect(413)["detail"].as_str().unwrap().contains("8388608 bytes"));
        }
    }

    async fn values_of_the_wrong_kind_are_refused_by_field(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        for route in with_bodies() {
            for wrong in WRONG.iter().filter(|wrong| !fits(&route, wrong)) {
                let answer = send(&ann, &route, *wrong).await;
                let what = format!("{} {wrong}", route.path);
                let problem = answer.body["exception_detail"][0].clone();
                refused(&answer, &what);
                assert_eq!(problem["loc"][0], "body", "{what}: {problem}");
            }
        }
    }

    async fn every_field_refuses_what_it_can_not_be(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        for (path, good, fields) in good_bodies() {
            for field in fields {
                for wrong in WRONG {
                    let mut body = good.clone();
                    body[field] = serde_json::from_str(wrong).unwrap();
                    let answer = ann.call(method(path), &path.replace("{id}", ID), Body::from(body.to_string())).await;
                    let what = format!("{path} {field} = {wrong}");
                    assert!(!answer.status.is_server_error(), "{what}: {} {}", answer.status, answer.body);
                    if answer.status == 422 && answer.body["exception_detail"].is_array() {
                        assert_eq!(answer.body["exception_detail"][0]["loc"][1], *field, "{what}: {}", answer.body);
                    }
                }
            }
        }
    }

    async fn unknown_fields_of_a_single_model_are_refused(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        for (path, good, _) in good_bodies() {
            let mut body = good.clone();
            body["surprise"] = json!(1);
            let answer = ann.call(method(path), &path.replace("{id}", ID), Body::from(body.to_string())).await;
            let problem = answer.expect(422)["exception_detail"][0].clone();
            assert_eq!((&problem["type"], &problem["loc"]), (&json!("extra_forbidden"), &json!(["body", "surprise"])), "{path}");
        }
    }

    async fn nul_is_kept_out_of_names_and_dropped_from_log_lines(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        ann.post("/flows", json!({"name": "a\0b"})).await.expect(422);
        ann.post("/flows", json!({"name": "a", "tags": ["a\0b"]})).await.expect(422);
        ann.post("/flows/filter", json!({"flows": {"name": {"any_": ["a\0b"]}}})).await.expect(422);
        let line = json!([{"name": "n\0n", "level": 20, "message": "a\0b", "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": ID}]);
        assert_eq!(ann.post("/logs", line).await.expect(201), Value::Null);
        let lines = ann.post("/logs/filter", json!({"logs": {"flow_run_id": {"any_": [ID]}}})).await.expect(200);
        assert_eq!((&lines[0]["name"], &lines[0]["message"]), (&json!("nn"), &json!("ab")));
    }

    async fn nul_fails_nowhere(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let flow = ann.post("/flows", json!({"name": "f"})).await.expect(201);
        let run = ann.post("/flow_runs", json!({"flow_id": flow["id"]})).await.expect(201);
        let nul = json!("a\0b");
        let details = json!({"cache_key": nul, "pause_key": nul, "traceparent": nul});
        let state = json!({"type": "RUNNING", "name": nul, "message": nul, "data": {"a\0b": nul}, "state_details": details});
        let inputs = json!({"a\0b": [{"input_type": "parameter", "name": nul}]});
        let free = json!({"a\0b": nul});
        for (template, mut good, fields) in good_bodies() {
            if good.get("flow_id").is_some() {
                good["flow_id"] = flow["id"].clone();
            }
            for field in fields {
                for value in [&nul, &json!([nul]), &free, &state, &inputs] {
                    let mut body = good.clone();
                    body[field] = value.clone();
                    let path = template.replace("{id}", run["id"].as_str().unwrap());
                    let answer = ann.call(method(template), &path, Body::from(body.to_string())).await;
                    assert!(!answer.status.is_server_error(), "{path} {field} {value}: {}", answer.body);
                }
            }
        }
        let mut quiet = state.clone();
        for part in ["name", "message", "data", "state_details"] {
            let path = format!("/flow_runs/{}/set_state", run["id"].as_str().unwrap());
            let answer = ann.post(&path, json!({"state": quiet})).await;
            assert!(!answer.status.is_server_error(), "{quiet}: {}", answer.body);
            quiet[part] = Value::Null;
        }
    }

    async fn nothing_is_half_written(kit: Kit) {
        let ann = Client::new(&kit, "ann").await;
        let good = json!({"name": "n", "level": 20, "message": "good", "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": ID});
        ann.post("/logs", json!([good, {"name": "n"}])).await.expect(422);
        assert_eq!(ann.post("/logs/filter", json!({})).await.expect(200), json!([]));
    }
}

/// Whether unknown keys are passed over, and what they hold with them.
fn ignores_the_rest(route: &Route<Cx>) -> bool {
    let path = route.path;
    path.ends_with("/filter") || path.ends_with("/count") || path.ends_with("/renew")
}

/// Whether a value of the list is a good body of the route after all.
fn fits(route: &Route<Cx>, wrong: &str) -> bool {
    match route.path {
        "/logs" => wrong == "[]",
        _ => ignores_the_rest(route) && wrong.starts_with('{'),
    }
}

fn method(path: &str) -> &'static str {
    if path == "/flow_runs/{id}" || path == "/block_types/{id}" { "PATCH" } else { "POST" }
}

type Fields = &'static [&'static str];

/// A good body of each route with a single model, and its fields.
fn good_bodies() -> Vec<(&'static str, Value, Fields)> {
    vec![
        ("/flows", json!({"name": "f"}), &["name", "tags", "labels"]),
        (
            "/flow_runs",
            json!({"flow_id": ID}),
            &[
                "name",
                "flow_id",
                "state",
                "parameters",
                "context",
                "tags",
                "labels",
                "empirical_policy",
                "idempotency_key",
                "deployment_id",
                "flow_version",
                "parent_task_run_id",
                "infrastructure_document_id",
                "job_variables",
            ],
        ),
        (
            "/flow_runs/{id}",
            json!({}),
            &["name", "flow_version", "parameters", "empirical_policy", "tags", "infrastructure_pid", "job_variables"],
        ),
        (
            "/task_runs",
            json!({"task_key": "t", "dynamic_key": "0"}),
            &[
                "id",
                "name",
                "state",
                "flow_run_id",
                "task_key",
                "dynamic_key",
                "cache_key",
                "cache_expiration",
                "task_version",
                "empirical_policy",
                "tags",
                "labels",
                "task_inputs",
            ],
        ),
        (
            "/block_types",
            json!({"name": "b", "slug": "b"}),
            &["name", "slug", "logo_url", "description", "code_example"],
        ),
        ("/block_types/{id}", json!({}), &["logo_url", "documentation_url", "description", "code_example"]),
        ("/block_schemas", json!({"block_type_id": ID}), &["fields", "block_type_id", "capabilities", "version"]),
        (
            "/block_documents",
            json!({"name": "d", "block_schema_id": ID, "block_type_id": ID}),
            &["name", "data", "block_schema_id", "block_type_id", "is_anonymous"],
        ),
        (
            "/v2/concurrency_limits",
            json!({"name": "l", "limit": 1}),
            &["name", "limit", "active", "active_slots", "denied_slots", "slot_decay_per_second"],
        ),
    ]
}
