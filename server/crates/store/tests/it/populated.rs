//! A workspace with a row in each of its tables, made through the use cases.

use control::{
    access::{Address, Workspace},
    block, concurrency, event, flow, flow_run, log, task_run, workspace,
};
use engine::api_version::Client;
use model::{
    id::WorkspaceId,
    permission::{Permit, WriteBlocks, WriteLimits, WriteRuns},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use testkit::{Kit, Somebody};

pub fn of<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// One workspace that is furnished, and an empty one beside it.
pub async fn two_workspaces(kit: &Kit) -> (WorkspaceId, WorkspaceId) {
    let ann = kit.person("ann").await;
    let (full, empty) = (kit.workspace(&ann, "full").await, kit.workspace(&ann, "empty").await);
    runs(kit, enter(kit, &ann, full).await).await;
    blocks(kit, enter(kit, &ann, full).await).await;
    limits(kit, enter(kit, &ann, full).await, enter(kit, &ann, full).await).await;
    workspace::set_favourite(&kit.cx, enter(kit, &ann, full).await, true).await.unwrap();
    (full.workspace, empty.workspace)
}

async fn enter<P: Permit>(kit: &Kit, who: &Somebody, address: Address) -> Workspace<P> {
    kit.enter(who, address).await
}

async fn runs(kit: &Kit, ws: Workspace<WriteRuns>) {
    let cx = &kit.cx;
    let flow = flow::create(cx, ws, of(json!({"name": "Testing", "tags": ["nightly", "weekly"]}))).await.unwrap().it;
    let earlier = flow_run::create(cx, ws, of(json!({"flow_id": flow.id})), Client::default()).await.unwrap().it;
    let completed = of(json!({"state": {"type": "COMPLETED", "name": "Fine"}}));
    flow_run::set_state(cx, ws, earlier.id, completed, Client::default()).await.unwrap();
    kit.advance(10.0);
    let run = json!({"flow_id": flow.id, "tags": ["red", "hot"], "idempotency_key": "once", "name": "parent"});
    let run = flow_run::create(cx, ws, of(run), Client::default()).await.unwrap().it;
    let running = || of(json!({"state": {"type": "RUNNING"}}));
    flow_run::set_state(cx, ws, run.id, running(), Client::default()).await.unwrap();
    let task = |key: &str| {
        of(json!({"flow_run_id": run.id, "task_key": key, "dynamic_key": "0", "name": key, "tags": ["blue", "cold"]}))
    };
    let failed = task_run::create(cx, ws, task("failing")).await.unwrap().it;
    task_run::set_state(cx, ws, failed.id, running(), Client::default()).await.unwrap();
    task_run::set_state(cx, ws, failed.id, of(json!({"state": {"type": "FAILED"}})), Client::default()).await.unwrap();
    let stand_in = task_run::create(cx, ws, task("child")).await.unwrap().it;
    let child = json!({"flow_id": flow.id, "parent_task_run_id": stand_in.id, "name": "child"});
    flow_run::create(cx, ws, of(child), Client::default()).await.unwrap();
    task_run::create(cx, ws, of(json!({"task_key": "background", "dynamic_key": "0"}))).await.unwrap();
    let line = json!({"name": "prefect", "level": 20, "message": "hello", "timestamp": "2026-11-25T10:00:00Z",
        "flow_run_id": run.id, "task_run_id": failed.id});
    let error = json!({"name": "prefect", "level": 40, "message": "no", "timestamp": "2026-11-25T10:00:01Z", "flow_run_id": run.id, "task_run_id": failed.id});
    log::write(cx, ws, vec![of(line), of(error)]).await.unwrap();
    let event = json!({"id": "01a20b9f-f30c-79ea-9303-eea0fca95c3c", "occurred": "2026-11-25T10:00:00Z", "event": "prefect.test",
        "resource": {"prefect.resource.id": "prefect.test.1"}});
    event::record(cx, ws, vec![of(event)]).await.unwrap();
}

async fn blocks(kit: &Kit, ws: Workspace<WriteBlocks>) {
    let kind = block::block_type::create(&kit.cx, ws, of(json!({"name": "Lamp", "slug": "lamp"}))).await.unwrap();
    let fields = json!({"title": "Lamp", "type": "object", "properties": {"lit": {"type": "boolean"}}, "block_type_slug": "lamp"});
    let schema = json!({"fields": fields, "block_type_id": kind.id, "capabilities": ["shine"]});
    let schema = block::schema::create(&kit.cx, ws, of(schema)).await.unwrap().it;
    let document =
        json!({"name": "door", "data": {"lit": true}, "block_schema_id": schema.id, "block_type_id": kind.id});
    block::document::create(&kit.cx, ws, of(document)).await.unwrap();
}

async fn limits(kit: &Kit, ws: Workspace<WriteLimits>, runs: Workspace<WriteRuns>) {
    concurrency::limit::create(&kit.cx, ws, of(json!({"name": "tag:red", "limit": 5}))).await.unwrap();
    let take = json!({"names": ["tag:red"], "slots": 2, "holder": {"type": "task_run", "id": "01a20b9f-f30c-79ea-9303-eea0fca95c3c"}});
    concurrency::lease::take(&kit.cx, runs, of(take)).await.unwrap();
}
