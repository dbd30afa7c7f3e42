//! The order of task runs on their flow run's page.

use std::cmp::Reverse;

use control::{flow, flow_run, screen, task_run};
use engine::api_version::Client;
use model::{
    permission::{ReadRuns, WriteRuns},
    screen::RunView,
    state::StateType,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use testkit::on_both;

fn from_json<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

on_both! {
    async fn task_runs_are_sorted_by_the_rank_that_is_sent(app: TestApp) {
        let owner = app.person("ann").await;
        let workspace = app.workspace(&owner, "lab").await;
        let (read, write) = (app.authorize::<ReadRuns>(&owner, workspace).await, app.authorize::<WriteRuns>(&owner, workspace).await);
        let flow = flow::create(&app.cx, write, from_json(json!({"name": "art"}))).await.unwrap().value.id;
        let run = flow_run::create(&app.cx, write, from_json(json!({"flow_id": flow})), Client::default()).await.unwrap().value.id;
        for (number, state) in StateType::ALL.into_iter().cycle().take(27).enumerate() {
            app.advance(1.0);
            let task = json!({"flow_run_id": run, "task_key": "t", "dynamic_key": number.to_string(), "state": {"type": state}});
            task_run::create(&app.cx, write, from_json(task)).await.unwrap();
        }
        let rows = screen::run(&app.cx, read, run, RunView::default()).await.unwrap().tasks.rows;
        let keys: Vec<_> = rows.iter().map(|row| (row.rank, Reverse(row.ended), row.sort_time, row.id)).collect();
        assert_eq!(rows.len(), 27);
        assert!(keys.is_sorted(), "{keys:?}");
        let first = |state| rows.iter().position(|row| row.state.as_ref().is_some_and(|(own, _)| *own == state));
        use StateType::{Cancelled, Completed, Failed, Paused, Pending, Running};
        let order = [Failed, Running, Paused, Pending, Cancelled, Completed].map(first);
        assert!(order.is_sorted() && order[0].is_some(), "{order:?}");
    }
}
