//! What a deleted workspace leaves behind.

use std::time::{Duration, Instant};

use control::{
    Cx, Error,
    access::{Address, Workspace},
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
use testkit::{Kit, Somebody, fixture::origin, on_both};

fn body<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// Runs with tags, task runs, states and logs.
async fn fill(kit: &Kit, who: &Somebody, address: Address, runs: usize) -> Vec<FlowRunId> {
    let at: Workspace<WriteRuns> = kit.enter(who, address).await;
    let flow = flow::create(&kit.cx, at, body(json!({ "name": "forecast" }))).await.unwrap().it;
    let mut made = Vec::new();
    for _ in 0..runs {
        let state = json!({ "type": "RUNNING" });
        let create = body(json!({ "flow_id": flow.id, "tags": ["a", "b"], "state": state }));
        let run = flow_run::create(&kit.cx, at, create, Client::default()).await.unwrap().it;
        let task = json!({ "flow_run_id": run.id, "task_key": "t", "dynamic_key": "0", "tags": ["c"], "state": state });
        task_run::create(&kit.cx, at, body(task)).await.unwrap();
        let line = |n: usize| json!({ "name": "flow", "level": 20, "message": format!("line {n}"), "timestamp": kit.cx.clock.now(), "flow_run_id": run.id });
        log::write(&kit.cx, at, (0..20).map(|n| body(line(n))).collect()).await.unwrap();
        made.push(run.id);
    }
    made
}

async fn delete(kit: &Kit, who: &Somebody, address: Address, name: &str) {
    let at = kit.enter::<DeleteWorkspace>(who, address).await;
    workspace::delete(&kit.cx, at, name, origin()).await.unwrap();
}

async fn reapable(kit: &Kit) -> Vec<WorkspaceId> {
    workspace::reapable(&kit.cx, 10).await.unwrap()
}

/// Flow runs alone, made by many callers at once.
async fn fill_fast(kit: &Kit, at: Workspace<WriteRuns>, runs: usize) {
    const CALLERS: usize = 32;
    let flow = flow::create(&kit.cx, at, body(json!({ "name": "forecast" }))).await.unwrap().it;
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let cx = kit.cx.clone();
            tokio::spawn(async move {
                for _ in 0..runs / CALLERS {
                    create_patiently(&cx, at, json!({ "flow_id": flow.id, "tags": ["a"] })).await;
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
}

/// Makes a flow run, again as clients do when they are told to come back.
async fn create_patiently(cx: &Cx, at: Workspace<WriteRuns>, create: Value) {
    for _ in 0..10 {
        match flow_run::create(cx, at, body(create.clone()), Client::default()).await {
            Ok(_) => return,
            Err(Error::TooMany { .. }) => tokio::task::yield_now().await,
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("ten tries in a row were refused");
}

/// The time under which 99 of 100 writes into a workspace stay, in a window of some hundred of them.
async fn ninety_ninth(kit: &Kit, at: Workspace<WriteRuns>, flow: FlowId) -> Duration {
    const WRITES: usize = 300;
    let mut times = Vec::new();
    for _ in 0..WRITES {
        let start = Instant::now();
        flow_run::create(&kit.cx, at, body(json!({ "flow_id": flow })), Client::default()).await.unwrap();
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times[WRITES * 99 / 100]
}

/// Removes some more rows of a workspace in a hurry; how many that were.
async fn hurry(kit: &Kit, workspace: WorkspaceId) -> i64 {
    let mut rows = 0;
    for _ in 0..20 {
        rows += kit.cx.db.write(ReapBatch { workspace, most: 200 }).await.unwrap().rows;
    }
    rows
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

on_both! {
    async fn twenty_thousand_runs_are_reaped_while_others_write(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let (gone, kept) = (kit.workspace(&ann, "gone").await, kit.workspace(&bob, "kept").await);
        let kept = kit.enter::<WriteRuns>(&bob, kept).await;
        fill_fast(&kit, kit.enter::<WriteRuns>(&ann, gone).await, 20_000).await;
        delete(&kit, &ann, gone, "gone").await;
        kit.advance(60.0);
        let steady = flow::create(&kit.cx, kept, body(json!({ "name": "steady" }))).await.unwrap().it.id;

        // A busy machine is as slow to both of a pair, and the pairs are spread over all that is to be removed.
        let (mut alone, mut beside, mut rows) = (Vec::new(), Vec::new(), 0);
        while !reapable(&kit).await.is_empty() {
            alone.push(ninety_ninth(&kit, kept, steady).await);
            let mut reaper = Services::default();
            reaper.spawn(&kit.cx, WorkspaceReaper);
            beside.push(ninety_ninth(&kit, kept, steady).await);
            reaper.stop().await;
            let reaped = i64::try_from(reaper.status()[0].done).unwrap();
            assert!(reaped > 0, "the reaper was not at work");
            rows += reaped + hurry(&kit, gone.workspace).await;
        }
        // Each run is a row with a tag and a state.
        assert!(rows > 60_000, "{rows}");
        assert!(alone.len() > 10, "too few pairs to compare: {}", alone.len());
        let (alone, beside) = (median(alone), median(beside));
        assert!(beside <= alone * 2, "the slowest in a hundred took {alone:?} alone, {beside:?} beside the reaper");
    }

    async fn a_deleted_workspace_is_emptied_a_few_rows_at_a_time_and_nothing_else_is(kit: Kit) {
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let (gone, kept) = (kit.workspace(&ann, "gone").await, kit.workspace(&bob, "kept").await);
        workspace::set_favourite(&kit.cx, kit.enter::<ReadRuns>(&ann, gone).await, true).await.unwrap();
        fill(&kit, &ann, gone, 5).await;
        let stays = fill(&kit, &bob, kept, 1).await;

        delete(&kit, &ann, gone, "gone").await;
        assert!(reapable(&kit).await.is_empty(), "calls may still be under way");
        kit.advance(60.0);
        assert_eq!(reapable(&kit).await, [gone.workspace]);

        let mut rows = 0;
        loop {
            let Reaped { rows: now, done } = kit.cx.db.write(ReapBatch { workspace: gone.workspace, most: 7 }).await.unwrap();
            assert!((1..=8).contains(&now), "{now}");
            rows += now;
            if done {
                break;
            }
        }
        // Each of the five runs: itself, two tags, a state, a task run with a tag and a state, and twenty lines.
        assert!(rows > 5 * 27, "{rows}");
        assert!(reapable(&kit).await.is_empty());
        assert_eq!(kit.cx.db.write(ReapBatch { workspace: gone.workspace, most: 7 }).await.unwrap().rows, 0);

        let at = kit.enter::<ReadRuns>(&bob, kept).await;
        assert_eq!(flow_run::read(&kit.cx, at, stays[0]).await.unwrap().tags, ["a", "b"]);
        assert_eq!(workspace::detail(&kit.cx, at).await.unwrap().task_runs, 1);
    }

    async fn a_workspace_that_is_not_deleted_is_never_removed(kit: Kit) {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "prod").await;
        fill(&kit, &ann, address, 1).await;
        let reaped = kit.cx.db.write(ReapBatch { workspace: address.workspace, most: 100 }).await;
        assert_eq!(reaped, Ok(Reaped { rows: 0, done: true }));
        assert_eq!(workspace::cards(&kit.cx, ann.caller).await.unwrap().len(), 1);
    }
}
