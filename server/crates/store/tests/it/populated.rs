//! A workspace with rows in all of its tables, made through the use cases.

use control::{
    access::{Workspace, WorkspaceRef},
    block, concurrency, event, flow, flow_run, log, task_run, workspace,
};
use engine::api_version::Client;
use model::{
    id::WorkspaceId,
    permission::{Permit, WriteBlocks, WriteLimits, WriteRuns},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use testkit::{TestApp, TestUser};

pub fn from_json<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// A populated workspace and an empty one.
pub async fn two_workspaces(app: &TestApp) -> (WorkspaceId, WorkspaceId) {
    let ann = app.person("ann").await;
    let (full, empty) = (app.workspace(&ann, "full").await, app.workspace(&ann, "empty").await);
    runs(app, authorize(app, &ann, full).await).await;
    blocks(app, authorize(app, &ann, full).await).await;
    limits(app, authorize(app, &ann, full).await, authorize(app, &ann, full).await).await;
    workspace::set_favourite(&app.cx, authorize(app, &ann, full).await, true).await.unwrap();
    (full.workspace, empty.workspace)
}

async fn authorize<P: Permit>(app: &TestApp, user: &TestUser, workspace: WorkspaceRef) -> Workspace<P> {
    app.authorize(user, workspace).await
}

async fn runs(app: &TestApp, ws: Workspace<WriteRuns>) {
    let cx = &app.cx;
    let flow =
        flow::create(cx, ws, from_json(json!({"name": "Testing", "tags": ["nightly", "weekly"]}))).await.unwrap().value;
    let earlier =
        flow_run::create(cx, ws, from_json(json!({"flow_id": flow.id})), Client::default()).await.unwrap().value;
    let completed = from_json(json!({"state": {"type": "COMPLETED", "name": "Fine"}}));
    flow_run::set_state(cx, ws, earlier.id, completed, Client::default()).await.unwrap();
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
    let line = json!({"name": "prefect", "level": 20, "message": "hello", "timestamp": "2026-11-25T10:00:00Z",
        "flow_run_id": run.id, "task_run_id": failed.id});
    let error = json!({"name": "prefect", "level": 40, "message": "no", "timestamp": "2026-11-25T10:00:01Z", "flow_run_id": run.id, "task_run_id": failed.id});
    log::write(cx, ws, vec![from_json(line), from_json(error)]).await.unwrap();
    let event = json!({"id": "01a20b9f-f30c-79ea-9303-eea0fca95c3c", "occurred": "2026-11-25T10:00:00Z", "event": "prefect.test",
        "resource": {"prefect.resource.id": "prefect.test.1"}});
    event::record(cx, ws, vec![from_json(event)]).await.unwrap();
}

async fn blocks(app: &TestApp, ws: Workspace<WriteBlocks>) {
    let kind =
        block::block_type::create(&app.cx, ws, from_json(json!({"name": "Lamp", "slug": "lamp"}))).await.unwrap();
    let fields = json!({"title": "Lamp", "type": "object", "properties": {"lit": {"type": "boolean"}}, "block_type_slug": "lamp"});
    let schema = json!({"fields": fields, "block_type_id": kind.id, "capabilities": ["shine"]});
    let schema = block::schema::create(&app.cx, ws, from_json(schema)).await.unwrap().value;
    let document =
        json!({"name": "hall", "data": {"lit": true}, "block_schema_id": schema.id, "block_type_id": kind.id});
    block::document::create(&app.cx, ws, from_json(document)).await.unwrap();
}

async fn limits(app: &TestApp, ws: Workspace<WriteLimits>, runs: Workspace<WriteRuns>) {
    concurrency::limit::create(&app.cx, ws, from_json(json!({"name": "tag:red", "limit": 5}))).await.unwrap();
    let take = json!({"names": ["tag:red"], "slots": 2, "holder": {"type": "task_run", "id": "01a20b9f-f30c-79ea-9303-eea0fca95c3c"}});
    concurrency::lease::acquire(&app.cx, runs, from_json(take)).await.unwrap();
}
