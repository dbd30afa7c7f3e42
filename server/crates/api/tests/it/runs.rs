//! The calls of a client that runs a flow, in their order, and the response fields that it reads.

use axum::body::Body;
use http::header;
use serde_json::{Value, json};

use crate::client::{Client, incompressible};

#[track_caller]
fn has_fields(body: &Value, fields: &str) {
    let mut expected: Vec<_> = fields.split_whitespace().collect();
    expected.sort_unstable();
    let found: Vec<_> = body.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(found, expected);
}

async fn flow_run(client: &Client) -> Value {
    let flow = client.post("/flows/", json!({"name": "f", "tags": [], "labels": {}})).await;
    let body = json!({
        "state": {"type": "PENDING", "name": "Pending", "message": null, "state_details": {"traceparent": null}, "data": null},
        "name": null, "flow_id": flow.body["id"], "flow_version": "1", "parameters": {"x": 1}, "context": {},
        "parent_task_run_id": null, "empirical_policy": {"retries": 0, "retry_delay": 0}, "tags": ["t"],
    });
    client.post("/flow_runs/", body).await.expect(201)
}

fn propose(state_type: &str) -> Value {
    json!({"state": {"type": state_type, "message": null, "data": null}, "force": false})
}

testkit::on_both! {
    async fn a_flow_is_created_once(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let first = ann.post("/flows/", json!({"name": "f", "tags": ["a"], "labels": {"n": 1}})).await.expect(201);
        let second = ann.post("/flows/", json!({"name": "f", "tags": ["b"]})).await.expect(200);
        assert_eq!(first, second);
        assert_eq!(ann.get("/flows/name/f").await.expect(200), first);
        assert_eq!(ann.post("/flows/filter", json!({"flows": {"name": {"like_": "F"}}})).await.expect(200), json!([first]));
    }

    async fn a_run_goes_from_pending_to_completed(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let run = flow_run(&ann).await;
        assert_eq!(run["state_id"], run["state"]["id"]);
        assert_eq!(run["name"].as_str().unwrap().split('-').count(), 2, "{}", run["name"]);
        let path = format!("/flow_runs/{}", run["id"].as_str().unwrap());

        app.advance(1.0);
        let running = ann.post(&format!("{path}/set_state"), propose("RUNNING")).await.expect(201);
        assert_eq!((&running["status"], &running["details"]), (&json!("ACCEPT"), &json!({"type": "accept_details"})));
        app.advance(2.5);
        let read = ann.get(&path).await.expect(200);
        assert_eq!((&read["run_count"], &read["estimated_run_time"]), (&json!(1), &json!(2.5)));
        ann.post(&format!("{path}/set_state"), propose("COMPLETED")).await.expect(201);
        let read = ann.get(&path).await.expect(200);
        assert_eq!((&read["state_type"], &read["total_run_time"]), (&json!("COMPLETED"), &json!(2.5)));

        let states = ann.get(&format!("/flow_run_states/?flow_run_id={}", run["id"].as_str().unwrap())).await.expect(200);
        let types: Vec<_> = states.as_array().unwrap().iter().map(|state| state["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["PENDING", "RUNNING", "COMPLETED"]);
    }

    async fn a_rejected_transition_gets_200_with_abort(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let run = flow_run(&ann).await;
        let path = format!("/flow_runs/{}/set_state", run["id"].as_str().unwrap());
        let twice = ann.post(&path, propose("PENDING")).await.expect(200);
        assert_eq!((&twice["status"], &twice["details"]["type"]), (&json!("ABORT"), &json!("abort_details")));
        assert_eq!(twice["details"]["reason"], "This run is in a PENDING state and cannot transition to a PENDING state.");
    }

    async fn lists_are_filtered_sorted_and_limited(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let run = flow_run(&ann).await;
        let found = ann.post("/flow_runs/filter", json!({
            "flows": null, "task_runs": null, "deployments": null, "work_pools": null, "work_pool_queues": null,
            "flow_runs": {"state": {"type": {"any_": ["PENDING"]}}, "tags": {"all_": ["t"]}},
            "sort": "EXPECTED_START_TIME_DESC", "limit": 1, "offset": 0,
        })).await.expect(200);
        assert_eq!(found[0]["id"], run["id"]);
        assert_eq!(ann.post("/flow_runs/filter", json!({"flow_runs": {"id": {"any_": []}}})).await.expect(200), json!([]));
        assert_eq!(ann.call("POST", "/flow_runs/count", Body::empty()).await.expect(200), json!(1));
        assert_eq!(ann.post("/flow_runs/filter", json!({"limit": 0})).await.expect(200), json!([]));
        let over = ann.post("/flow_runs/filter", json!({"limit": 201})).await.expect(422);
        assert_eq!(over, json!({"detail": "Invalid limit: must be less than or equal to 200."}));
        for (body, field) in [
            (json!({"sort": "DURATION_DESC"}), json!(["body", "sort"])),
            (json!({"work_pools": {"name": {"any_": ["p"]}}}), json!(["body", "work_pools"])),
            (json!({"flows": {"deployment": {"is_null_": true}}}), json!(["body", "flows", "deployment"])),
        ] {
            let rejected = ann.post("/flow_runs/filter", body).await.expect(422);
            assert_eq!(rejected["exception_detail"][0]["loc"], field, "{rejected}");
        }
    }

    async fn an_update_changes_only_its_fields(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let run = flow_run(&ann).await;
        let path = format!("/flow_runs/{}", run["id"].as_str().unwrap());
        assert_eq!(ann.patch(&path, json!({"flow_version": "2"})).await.expect(204), Value::Null);
        let read = ann.get(&path).await.expect(200);
        assert_eq!((&read["flow_version"], &read["tags"]), (&json!("2"), &json!(["t"])));
    }

    async fn a_task_run_is_created_once_for_its_keys(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let run = flow_run(&ann).await;
        let body = json!({
            "name": "add-0", "flow_run_id": run["id"], "task_key": "__main__.add", "dynamic_key": "0", "cache_key": null,
            "empirical_policy": {"max_retries": 0, "retry_delay_seconds": 0.0}, "tags": ["t1"],
            "task_inputs": {"x": [{"input_type": "parameter", "name": "n"}]}, "state": {"type": "PENDING"},
        });
        let first = ann.post("/task_runs/", body.clone()).await.expect(201);
        let second = ann.post("/task_runs/", body).await.expect(200);
        assert_eq!(first["id"], second["id"]);
        let path = format!("/task_runs/{}/set_state", first["id"].as_str().unwrap());
        let rejected = ann.post(&path, propose("RUNNING")).await.expect(200);
        assert_eq!(rejected["details"]["reason"], "The enclosing flow must be running to begin task execution.");
    }

    async fn texts_too_long_for_an_index_are_rejected_by_field(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let run = flow_run(&ann).await;
        let text = |characters| incompressible(&app, characters);
        let task = |key, dynamic_key| json!({"flow_run_id": run["id"], "task_key": key, "dynamic_key": dynamic_key});
        ann.post("/task_runs/", task(text(256), text(256))).await.expect(201);
        for (body, field) in [(task(text(257), text(1)), "task_key"), (task(text(1), text(512)), "dynamic_key")] {
            let rejected = ann.post("/task_runs/", body).await.expect(422);
            assert_eq!(rejected["exception_detail"][0]["loc"], json!(["body", field]), "{rejected}");
        }
        let state = |characters| json!({"state": {"type": "RUNNING", "name": text(characters)}});
        let path = format!("/flow_runs/{}/set_state", run["id"].as_str().unwrap());
        let rejected = ann.post(&path, state(257)).await.expect(422);
        assert_eq!(rejected["exception_detail"][0]["loc"], json!(["body", "state", "name"]), "{rejected}");
        ann.post(&path, state(256)).await.expect(201);
    }

    async fn log_lines_are_sorted_by_timestamp(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let run = flow_run(&ann).await;
        let line = |second: u32, level: u32| json!({
            "name": "prefect.flow_runs", "level": level, "message": format!("line {second}"),
            "timestamp": format!("2026-11-25 10:00:0{second}+00:00"), "flow_run_id": run["id"], "task_run_id": null,
        });
        assert_eq!(ann.post("/logs/", json!([line(2, 20), line(1, 40)])).await.expect(201), Value::Null);
        let filter = json!({"logs": {"flow_run_id": {"any_": [run["id"]]}}});
        let lines = ann.post("/logs/filter", filter).await.expect(200);
        assert_eq!((&lines[0]["message"], &lines[1]["message"]), (&json!("line 1"), &json!("line 2")));
        let errors = ann.post("/logs/filter", json!({"logs": {"level": {"ge_": 40}}})).await.expect(200);
        assert_eq!(errors.as_array().unwrap().len(), 1);
    }

    async fn slots_are_acquired_renewed_and_released(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let limits = "/v2/concurrency_limits";
        let limit = ann.post(&format!("{limits}/"), json!({"name": "tag:t1", "limit": 1, "active": true})).await.expect(201);
        assert_eq!((&limit["active_slots"], &limit["avg_slot_occupancy_seconds"]), (&json!(0), &json!(2.0)));
        ann.post(&format!("{limits}/"), json!({"name": "tag:t1", "limit": 2})).await.expect(409);

        let holder = json!({"type": "task_run", "id": "01a20bc2-0710-7e1c-9497-408fb5b68b20"});
        let take = json!({"names": ["tag:t1"], "slots": 1, "mode": "concurrency", "lease_duration": 60.0, "holder": holder});
        let granted = ann.post(&format!("{limits}/increment-with-lease"), take.clone()).await.expect(200);
        assert_eq!(granted["limits"], json!([{"id": limit["id"], "name": "tag:t1", "limit": 1}]));
        let full = ann.post(&format!("{limits}/increment-with-lease"), take).await;
        let wait: f64 = full.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!(wait > 0.0);
        assert_eq!(full.expect(423), json!({"detail": "Locked"}));

        let lease = granted["lease_id"].as_str().unwrap();
        let renew = format!("{limits}/leases/{lease}/renew");
        assert_eq!(ann.post(&renew, json!({"lease_duration": 300})).await.expect(204), Value::Null);
        ann.post(&renew, json!({"lease_duration": 5})).await.expect(422);
        ann.post(&format!("{limits}/decrement-with-lease"), json!({"lease_id": lease})).await.expect(204);
        ann.post(&format!("{limits}/decrement-with-lease"), json!({"lease_id": lease})).await.expect(204);
        assert_eq!(ann.get(&format!("{limits}/tag:t1")).await.expect(200)["active_slots"], 0);
        let gone = ann.post(&renew, json!({"lease_duration": 300})).await.expect(410);
        assert!(gone["detail"].is_string(), "{gone}");
        assert_eq!(ann.call("DELETE", &format!("{limits}/tag:t1"), Body::empty()).await.expect(204), Value::Null);
        ann.get(&format!("{limits}/tag:t1")).await.expect(404);
    }

    async fn the_oldest_client_registers_its_storage_block(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        let block_type = ann.get("/block_types/slug/local-file-system").await.expect(200);
        let id = block_type["id"].as_str().unwrap();
        let description = json!({"logo_url": null, "description": "Store data as a file."});
        assert_eq!(ann.patch(&format!("/block_types/{id}"), description).await.expect(204), Value::Null);
        ann.get("/block_schemas/checksum/sha256:0").await.expect(404);
        let schema = json!({
            "fields": {
                "title": "LocalFileSystem", "description": "Store data as a file on a local file system.", "type": "object",
                "properties": {"basepath": {"title": "Basepath", "type": "string"}},
                "block_type_slug": "local-file-system", "secret_fields": [], "block_schema_references": {},
            },
            "block_type_id": id,
        });
        let created = ann.post("/block_schemas/", schema.clone()).await.expect(201);
        assert_eq!(created["checksum"], "sha256:aabea745455b293958df137fcbef324129dcf9159119c2120da60d3575887649");
        assert_eq!(ann.post("/block_schemas/", schema).await.expect(200)["id"], created["id"]);
        let block = json!({
            "name": null, "data": {"basepath": "/srv"}, "block_schema_id": created["id"], "block_type_id": id, "is_anonymous": true,
        });
        let block = ann.post("/block_documents/", block).await.expect(201);
        assert!(block["name"].as_str().unwrap().starts_with("anonymous-"));
        let read = ann.get(&format!("/block_documents/{}?include_secrets=true", block["id"].as_str().unwrap())).await;
        assert_eq!(read.expect(200)["data"], json!({"basepath": "/srv"}));
    }

    async fn the_server_reports_its_health_and_versions(app: TestApp) {
        let ann = Client::new(&app, "ann").await;
        for (path, status, body) in [
            ("/health", 200, json!(true)),
            ("/ready", 200, json!({"message": "OK"})),
            ("/version", 200, json!("0.8.4")),
            ("/hello", 200, json!("👋")),
            ("/admin/version", 200, json!("3.9.1")),
            ("/admin/storage", 200, json!({"default_result_storage_block_id": null})),
            ("/csrf-token?client=5162d751-90ad-42ad-a8ad-a99425f76b27", 422, json!({"detail": "CSRF protection is disabled."})),
        ] {
            assert_eq!(ann.get(path).await.expect(status), body, "{path}");
        }
        let listed = ann.call_at("GET", "/me/workspaces", Body::empty()).await.expect(200);
        has_fields(&listed[0], "account_id account_name account_handle workspace_id workspace_name workspace_description workspace_handle");
        assert_eq!(listed[0]["workspace_id"], json!(ann.workspace_ref.workspace.to_string()));
    }
}
