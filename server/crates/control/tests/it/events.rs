//! Events and what they record of task runs, whatever their order and however often they come.

use control::{event, task_run};
use model::{
    event::Event, filter::task_run::TaskRunQuery, id::TaskRunId, page::Page, state::StateType, task_run::TaskRun,
};
use serde_json::{Value, json};
use store::{
    probe::Probe,
    value::{self, Kind, Type},
};

use crate::runs::{Desk, of};

const TASK_RUN: &str = "01a20b9f-f278-7591-8054-e0df072169ce";

/// The life of a task run that is retried once, as its client tells it.
fn life(flow_run: &str) -> Vec<Event> {
    let steps = [
        ("Pending", "PENDING", 0, json!({"run_count": 0})),
        ("Running", "RUNNING", 1, json!({"run_count": 1, "start_time": at(1)})),
        ("Retrying", "RUNNING", 2, json!({"run_count": 2, "start_time": at(1), "total_run_time": 1.0})),
        (
            "Completed",
            "COMPLETED",
            3,
            json!({"run_count": 2, "start_time": at(1), "end_time": at(3), "total_run_time": 2.0}),
        ),
    ];
    steps
        .into_iter()
        .map(|(name, state_type, second, run)| of(told(flow_run, name, state_type, second, &run)))
        .collect()
}

fn at(second: u32) -> String {
    format!("2026-11-25T10:00:0{second}.000001Z")
}

fn told(flow_run: &str, name: &str, state_type: &str, second: u32, run: &Value) -> Value {
    let mut task_run = json!({"name": "add-b9e", "task_key": "add-b44bee3c", "dynamic_key": "b9e00359", "tags": ["t1"], "labels": {},
        "empirical_policy": {"retries": 1, "retry_delay": 0}, "task_inputs": {"x": []}, "expected_start_time": at(0)});
    task_run.as_object_mut().unwrap().extend(run.as_object().unwrap().clone());
    json!({
        "id": format!("01a20b9f-f30c-79ea-9303-eea0fca95c3{second}"), "occurred": at(second), "event": format!("prefect.task-run.{name}"),
        "resource": {"prefect.resource.id": format!("prefect.task-run.{TASK_RUN}"), "prefect.orchestration": "client"},
        "related": [{"prefect.resource.id": format!("prefect.flow-run.{flow_run}"), "prefect.resource.role": "flow-run"}],
        "payload": {"task_run": task_run,
            "validated_state": {"type": state_type, "name": name, "message": "", "state_details": {}, "data": null}},
    })
}

fn same_end(run: &TaskRun) {
    assert_eq!((run.state_type, run.state_name.as_deref()), (Some(StateType::Completed), Some("Completed")));
    assert_eq!(
        (run.run_count, run.total_run_time.seconds(), run.tags.as_slice()),
        (2, 2.0, ["t1".to_owned()].as_slice())
    );
    assert_eq!((run.start_time.unwrap().to_string(), run.end_time.unwrap().to_string()), (at(1), at(3)));
}

async fn task_runs(desk: &Desk) -> Vec<TaskRun> {
    task_run::list(&desk.cx, desk.read, &TaskRunQuery::default(), Page::default()).await.unwrap()
}

testkit::on_both! {
    async fn a_task_run_is_recorded_once_whatever_the_order(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        for shuffle in 0..100_u64 {
            let flow_run = desk.run(json!({})).await;
            let mut events = life(&flow_run.id.to_string());
            // Ids of their own for each run: the same id twice in one workspace is the same event.
            let task: TaskRunId = desk.cx.ids.make(desk.cx.clock.now());
            for event in &mut events {
                event.id = desk.cx.ids.make(desk.cx.clock.now());
                event.resource.insert("prefect.resource.id".to_owned(), format!("prefect.task-run.{task}"));
            }
            let doubled: Vec<Event> = events.iter().chain(&events).cloned().collect();
            let (left, right) = split(doubled, &desk.cx, shuffle);
            let (one, other) = (send(&desk, left), send(&desk, right));
            one.await.unwrap();
            other.await.unwrap();
            let run = task_run::read(&desk.cx, desk.read, task).await.unwrap();
            same_end(&run);
            let states = task_run::states(&desk.cx, desk.read, task).await.unwrap();
            assert_eq!(states.iter().map(|state| state.name.as_str()).collect::<Vec<_>>(), ["Pending", "Running", "Retrying", "Completed"]);
        }
        assert_eq!(task_runs(&desk).await.len(), 100);
    }

    async fn events_of_a_run_that_is_gone_are_kept_and_record_nothing(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let nowhere = "e65b2643-ff43-433f-9398-b41b1e0c6a6d";
        event::record(&desk.cx, desk.write, life(nowhere)).await.unwrap();
        assert!(task_runs(&desk).await.is_empty());
        let mut probe = Probe::open(&kit.location).await.unwrap();
        let about = "SELECT COUNT(*) FROM event WHERE resource_id = $1";
        let resource = value::Value::Text(format!("prefect.task-run.{TASK_RUN}"));
        let kept = probe.rows(about, &[Type::Text], &[Kind::of(Type::Big)], vec![resource]).await.unwrap();
        assert_eq!(kept, [[value::Value::Big(4)]]);
    }

    async fn events_of_older_clients_record_nothing(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let flow_run = desk.run(json!({})).await;
        let mut events = life(&flow_run.id.to_string());
        events.iter_mut().for_each(|event| drop(event.resource.remove("prefect.orchestration")));
        event::record(&desk.cx, desk.write, events).await.unwrap();
        assert!(task_runs(&desk).await.is_empty());
    }

    async fn the_same_keys_under_another_id_are_the_same_run(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let flow_run = desk.run(json!({})).await;
        let stored = desk.task(flow_run.id, "add-b44bee3c", json!({"dynamic_key": "b9e00359"})).await;
        event::record(&desk.cx, desk.write, life(&flow_run.id.to_string())).await.unwrap();
        let runs = task_runs(&desk).await;
        assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [stored.id]);
    }
}

/// Two halves in a random order.
fn split(mut events: Vec<Event>, cx: &control::Cx, shuffle: u64) -> (Vec<Event>, Vec<Event>) {
    for last in (1..events.len()).rev() {
        events.swap(last, cx.ids.below(last + 1));
    }
    let half = events.split_off(events.len() / 2);
    if shuffle.is_multiple_of(2) { (events, half) } else { (half, events) }
}

/// One socket's events, one write each.
fn send(desk: &Desk, events: Vec<Event>) -> tokio::task::JoinHandle<()> {
    let (cx, ws) = (desk.cx.clone(), desk.write);
    tokio::spawn(async move {
        for event in events {
            event::record(&cx, ws, vec![event]).await.unwrap();
        }
    })
}
