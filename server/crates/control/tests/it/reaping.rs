//! What a deleted workspace leaves behind.

use control::{
    access::{Address, Workspace},
    flow, flow_run, log, task_run,
    workspace::{self, ReapBatch, Reaped},
};
use engine::api_version::Client;
use model::{
    id::{FlowRunId, WorkspaceId},
    permission::{DeleteWorkspace, ReadRuns, WriteRuns},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
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

on_both! {
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
