//! Flows, runs with their states and tags, log lines and events.

use control::{Cx, access::Workspace, artifact, event, flow, flow_run, log, task_run};
use engine::api_version::Client;
use model::permission::WriteRuns;
use serde_json::{Value, json};
use testkit::TestApp;

use super::from_json;

pub async fn create(app: &TestApp, ws: Workspace<WriteRuns>) {
    let cx = &app.cx;
    let flow =
        flow::create(cx, ws, from_json(json!({"name": "Testing", "tags": ["nightly", "weekly"]}))).await.unwrap().value;
    let earlier =
        flow_run::create(cx, ws, from_json(json!({"flow_id": flow.id})), Client::default()).await.unwrap().value;
    let completed = from_json(json!({"state": {"type": "COMPLETED", "name": "Fine"}}));
    flow_run::set_state(cx, ws, earlier.id, completed, Client::default()).await.unwrap();
    // A state of each kind that a filter distinguishes: with the name of its type, and with another.
    for state in [
        json!({"type": "COMPLETED"}),
        json!({"type": "SCHEDULED", "name": "Late"}),
        json!({"type": "FAILED", "name": "TimedOut"}),
        json!({"type": "CANCELLED", "name": "Fine"}),
    ] {
        let run = json!({"flow_id": flow.id, "state": &state});
        flow_run::create(cx, ws, from_json(run), Client::default()).await.unwrap();
        let task = json!({"task_key": state.to_string(), "dynamic_key": "0", "state": state});
        task_run::create(cx, ws, from_json(task)).await.unwrap();
    }
    app.advance(10.0);
    let run = json!({"flow_id": flow.id, "tags": ["red", "hot"], "idempotency_key": "once", "name": "parent"});
    let run = flow_run::create(cx, ws, from_json(run), Client::default()).await.unwrap().value;
    let running = || from_json(json!({"state": {"type": "RUNNING"}}));
    flow_run::set_state(cx, ws, run.id, running(), Client::default()).await.unwrap();
    let task = |key: &str| {
        from_json(
            json!({"flow_run_id": run.id, "task_key": key, "dynamic_key": "0", "name": key, "tags": ["blue", "cold"]}),
        )
    };
    let failed = task_run::create(cx, ws, task("failing")).await.unwrap().value;
    task_run::set_state(cx, ws, failed.id, running(), Client::default()).await.unwrap();
    task_run::set_state(cx, ws, failed.id, from_json(json!({"state": {"type": "FAILED"}})), Client::default())
        .await
        .unwrap();
    let parent = task_run::create(cx, ws, task("child")).await.unwrap().value;
    let child = json!({"flow_id": flow.id, "parent_task_run_id": parent.id, "name": "child"});
    flow_run::create(cx, ws, from_json(child), Client::default()).await.unwrap();
    task_run::create(cx, ws, from_json(json!({"task_key": "background", "dynamic_key": "0"}))).await.unwrap();
    // A second row with a part of the same name.
    let second = json!({"flow_id": flow.id, "name": "second child"});
    flow_run::create(cx, ws, from_json(second), Client::default()).await.unwrap();
    let second = json!({"task_key": "second", "dynamic_key": "0", "name": "second child"});
    task_run::create(cx, ws, from_json(second)).await.unwrap();
    for text in ["draft", "final"] {
        app.advance(1.0);
        let report = json!({"key": "report", "type": "markdown", "data": text, "metadata_": {"source": "test"},
                "flow_run_id": run.id, "task_run_id": failed.id});
        artifact::create(cx, ws, from_json(report)).await.unwrap();
    }
    let tide = json!({"key": "tide", "type": "markdown", "description": "Low water", "task_run_id": failed.id});
    artifact::create(cx, ws, from_json(tide)).await.unwrap();
    artifact::create(cx, ws, from_json(json!({"type": "result", "data": 1}))).await.unwrap();
    create_lines(cx, ws, json!({"flow_run_id": run.id}), json!({"flow_run_id": run.id, "task_run_id": failed.id}))
        .await;
    let event = json!({"id": "01a20b9f-f30c-79ea-9303-eea0fca95c3c", "occurred": "2026-11-25T10:00:00Z", "event": "prefect.test",
        "resource": {"prefect.resource.id": "prefect.test.1"}});
    event::record(cx, ws, vec![from_json(event)]).await.unwrap();
}

/// Lines of a flow run, and of a task run of it: of each an error.
async fn create_lines(cx: &Cx, ws: Workspace<WriteRuns>, flow_run: Value, task_run: Value) {
    let lines = [
        (&task_run, 20, "hello", "10:00:00"),
        (&task_run, 40, "no", "10:00:01"),
        (&flow_run, 20, "begins", "10:00:00"),
        (&flow_run, 40, "stops", "10:00:02"),
    ];
    let lines = lines.map(|(run, level, message, time)| {
        let mut line = run.clone();
        line["name"] = "prefect".into();
        line["level"] = level.into();
        line["message"] = message.into();
        line["timestamp"] = format!("2026-11-25T{time}Z").into();
        from_json(line)
    });
    log::write(cx, ws, lines.to_vec()).await.unwrap();
}
