//! The reaper removes the rows of deleted workspaces.

use std::time::{Duration, Instant};

use control::{
    Cx, Error,
    access::{Workspace, WorkspaceRef},
    flow, flow_run, log, task_run,
    workspace::{self, ReapBatch, Reaped},
};
use engine::api_version::Client;
use model::{
    id::{FlowId, FlowRunId, WorkspaceId},
    permission::{DeleteWorkspace, ReadRuns, WriteRuns},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use services::{Services, WorkspaceReaper};
use testkit::{TestApp, TestUser, fixture::client_info, on_both};

fn body<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// Runs with tags, task runs, states and logs.
async fn fill(app: &TestApp, who: &TestUser, workspace_ref: WorkspaceRef, runs: usize) -> Vec<FlowRunId> {
    let ws: Workspace<WriteRuns> = app.authorize(who, workspace_ref).await;
    let flow = flow::create(&app.cx, ws, body(json!({ "name": "forecast" }))).await.unwrap().value;
    let mut created = Vec::new();
    for _ in 0..runs {
        let state = json!({ "type": "RUNNING" });
        let create = body(json!({ "flow_id": flow.id, "tags": ["a", "b"], "state": state }));
        let run = flow_run::create(&app.cx, ws, create, Client::default()).await.unwrap().value;
        let task = json!({ "flow_run_id": run.id, "task_key": "t", "dynamic_key": "0", "tags": ["c"], "state": state });
        task_run::create(&app.cx, ws, body(task)).await.unwrap();
        let line = |n: usize| json!({ "name": "flow", "level": 20, "message": format!("line {n}"), "timestamp": app.cx.clock.now(), "flow_run_id": run.id });
        log::write(&app.cx, ws, (0..20).map(|n| body(line(n))).collect()).await.unwrap();
        created.push(run.id);
    }
    created
}

async fn delete(app: &TestApp, who: &TestUser, workspace_ref: WorkspaceRef, name: &str) {
    let ws = app.authorize::<DeleteWorkspace>(who, workspace_ref).await;
    workspace::delete(&app.cx, ws, name, client_info()).await.unwrap();
}

async fn reapable(app: &TestApp) -> Vec<WorkspaceId> {
    workspace::reapable(&app.cx, 10).await.unwrap()
}

/// Creates flow runs only, by many concurrent callers.
async fn fill_fast(app: &TestApp, ws: Workspace<WriteRuns>, runs: usize) {
    const CALLERS: usize = 32;
    let flow = flow::create(&app.cx, ws, body(json!({ "name": "forecast" }))).await.unwrap().value;
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let cx = app.cx.clone();
            tokio::spawn(async move {
                for _ in 0..runs / CALLERS {
                    create_with_retries(&cx, ws, json!({ "flow_id": flow.id, "tags": ["a"] })).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

/// Creates a flow run, and tries again after `TooManyRequests`, as clients do.
async fn create_with_retries(cx: &Cx, ws: Workspace<WriteRuns>, create: Value) {
    for _ in 0..10 {
        match flow_run::create(cx, ws, body(create.clone()), Client::default()).await {
            Ok(_) => return,
            Err(Error::TooManyRequests { .. }) => tokio::task::yield_now().await,
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("ten attempts in a row were rejected");
}

/// The 99th percentile of the duration of some hundred writes into a workspace.
async fn write_percentile_99(app: &TestApp, ws: Workspace<WriteRuns>, flow: FlowId) -> Duration {
    const WRITES: usize = 300;
    let mut times = Vec::new();
    for _ in 0..WRITES {
        let start = Instant::now();
        flow_run::create(&app.cx, ws, body(json!({ "flow_id": flow })), Client::default()).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times[WRITES * 99 / 100]
}

/// Removes some more rows of a workspace in large batches; returns how many.
async fn reap_in_large_batches(app: &TestApp, workspace: WorkspaceId) -> i64 {
    let mut rows = 0;
    for _ in 0..20 {
        rows += app.cx.db.write(ReapBatch { workspace, max_rows: 200 }).await.unwrap().rows;
    }
    rows
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

on_both! {
    async fn reaping_twenty_thousand_runs_does_not_slow_writes(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let (gone, kept) = (app.workspace(&ann, "gone").await, app.workspace(&bob, "kept").await);
        let kept = app.authorize::<WriteRuns>(&bob, kept).await;
        fill_fast(&app, app.authorize::<WriteRuns>(&ann, gone).await, 20_000).await;
        delete(&app, &ann, gone, "gone").await;
        app.advance(60.0);
        let steady = flow::create(&app.cx, kept, body(json!({ "name": "steady" }))).await.unwrap().value.id;

        // A busy machine slows both measurements of a pair, and the pairs are spread over the whole time of reaping.
        let (mut alone, mut concurrent, mut rows) = (Vec::new(), Vec::new(), 0);
        while !reapable(&app).await.is_empty() {
            alone.push(write_percentile_99(&app, kept, steady).await);
            let mut reaper = Services::default();
            reaper.spawn(&app.cx, WorkspaceReaper);
            concurrent.push(write_percentile_99(&app, kept, steady).await);
            reaper.stop().await;
            let reaped = i64::try_from(reaper.status()[0].done).unwrap();
            assert!(reaped > 0, "the reaper removed nothing");
            rows += reaped + reap_in_large_batches(&app, gone.workspace).await;
        }
        // Each run has a row, a tag and a state.
        assert!(rows > 60_000, "{rows}");
        assert!(alone.len() > 10, "too few pairs to compare: {}", alone.len());
        let (alone, concurrent) = (median(alone), median(concurrent));
        assert!(concurrent <= alone * 2, "the 99th percentile is {alone:?} alone, {concurrent:?} while the reaper runs");
    }

    async fn only_a_deleted_workspace_is_reaped_in_small_batches(app: TestApp) {
        let (ann, bob) = (app.person("ann").await, app.person("bob").await);
        let (gone, kept) = (app.workspace(&ann, "gone").await, app.workspace(&bob, "kept").await);
        workspace::set_favourite(&app.cx, app.authorize::<ReadRuns>(&ann, gone).await, true).await.unwrap();
        fill(&app, &ann, gone, 5).await;
        let remaining = fill(&app, &bob, kept, 1).await;

        delete(&app, &ann, gone, "gone").await;
        assert!(reapable(&app).await.is_empty(), "calls that were authorized before may still be running");
        app.advance(60.0);
        assert_eq!(reapable(&app).await, [gone.workspace]);

        let mut rows = 0;
        loop {
            let Reaped { rows: now, done } = app.cx.db.write(ReapBatch { workspace: gone.workspace, max_rows: 7 }).await.unwrap();
            assert!((1..=8).contains(&now), "{now}");
            rows += now;
            if done {
                break;
            }
        }
        // Each of the five runs: itself, two tags, a state, a task run with a tag and a state, and twenty lines.
        assert!(rows > 5 * 27, "{rows}");
        assert!(reapable(&app).await.is_empty());
        assert_eq!(app.cx.db.write(ReapBatch { workspace: gone.workspace, max_rows: 7 }).await.unwrap().rows, 0);

        let ws = app.authorize::<ReadRuns>(&bob, kept).await;
        assert_eq!(flow_run::read(&app.cx, ws, remaining[0]).await.unwrap().tags, ["a", "b"]);
        assert_eq!(workspace::detail(&app.cx, ws).await.unwrap().task_runs, 1);
    }

    async fn a_workspace_that_is_not_deleted_is_never_reaped(app: TestApp) {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "prod").await;
        fill(&app, &ann, workspace_ref, 1).await;
        let reaped = app.cx.db.write(ReapBatch { workspace: workspace_ref.workspace, max_rows: 100 }).await;
        assert_eq!(reaped, Ok(Reaped { rows: 0, done: true }));
        assert_eq!(workspace::cards(&app.cx, ann.caller).await.unwrap().len(), 1);
    }
}
