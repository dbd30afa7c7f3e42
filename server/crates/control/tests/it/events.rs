//! Events and what they record of task runs, whatever their order and however often they come.

use control::{event, flow, task_run};
use model::{
    event::Event,
    filter::task_run::TaskRunQuery,
    id::{FlowRunId, TaskRunId},
    page::Page,
    state::StateType,
    task_run::TaskRun,
};
use serde_json::{Value, json};
use store::{
    probe::Probe,
    value::{Kind, Type, Value as Cell},
};
use testkit::Backend;

use crate::runs::{Desk, of};

const TASK_RUN: &str = "01a20b9f-f278-7591-8054-e0df072169ce";
const WHOLE_LIFE: [&str; 4] = ["Pending", "Running", "Retrying", "Completed"];

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

/// The same life of a task run of its own, with ids of its own: the same id twice in one workspace is the same event.
fn own_life(desk: &Desk, flow_run: FlowRunId) -> (TaskRunId, Vec<Event>) {
    let now = desk.cx.clock.now();
    let task: TaskRunId = desk.cx.ids.make(now);
    let mut events = life(&flow_run.to_string());
    for event in &mut events {
        event.id = desk.cx.ids.make(now);
        event.resource.insert("prefect.resource.id".to_owned(), format!("prefect.task-run.{task}"));
        event.payload["task_run"]["dynamic_key"] = json!(task);
    }
    (task, events)
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

async fn kept(desk: &Desk, task: impl std::fmt::Display) -> i64 {
    let mut probe = Probe::open(&desk.location).await.unwrap();
    let about = Cell::Text(format!("prefect.task-run.{task}"));
    let text = "SELECT COUNT(*) FROM event WHERE resource_id = $1";
    let rows = probe.rows(text, &[Type::Text], &[Kind::of(Type::Big)], vec![about]).await.unwrap();
    let [Cell::Big(events)] = rows[0].as_slice() else { panic!("{rows:?}") };
    *events
}

/// How often PostgreSQL had to end a circle of waiting writes in this test's database.
async fn deadlocks(kit: &testkit::Kit) -> Cell {
    let mut probe = Probe::open(&kit.location).await.unwrap();
    let text = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    probe.rows(text, &[], &[Kind { ty: Type::Big, nullable: false }], Vec::new()).await.unwrap()[0][0].clone()
}

async fn task_runs(desk: &Desk) -> Vec<TaskRun> {
    task_run::list(&desk.cx, desk.read, &TaskRunQuery::default(), Page::default()).await.unwrap()
}

testkit::on_both! {
    async fn a_task_run_is_recorded_once_whatever_the_order(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        for _ in 0..100 {
            let flow_run = desk.run(json!({})).await;
            let (task, events) = own_life(&desk, flow_run.id);
            let doubled: Vec<Event> = events.iter().chain(&events).cloned().collect();
            let (left, right) = split(doubled, &desk.cx);
            let (one, other) = (send(&desk, left), send(&desk, right));
            one.await.unwrap();
            other.await.unwrap();
            same_end(&desk.read_task(task).await);
            assert_eq!(desk.past_of_task(task).await, WHOLE_LIFE);
        }
        assert_eq!(task_runs(&desk).await.len(), 100);
    }

    async fn lives_told_in_one_batch_are_recorded_whatever_the_order(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        for batch in 1..=20 {
            let flow_runs = [desk.run(json!({})).await.id, desk.run(json!({})).await.id];
            let lives: Vec<_> = flow_runs.iter().cycle().take(6).map(|run| own_life(&desk, *run)).collect();
            let events: Vec<Event> = lives.iter().flat_map(|(_, events)| events.clone()).collect();
            let mut doubled = [events.clone(), events].concat();
            shuffle(&mut doubled, &desk.cx);
            // What is told of some of them is known already.
            let known = doubled.split_off(doubled.len() - batch);
            event::record(&desk.cx, desk.write, known).await.unwrap();
            event::record(&desk.cx, desk.write, doubled).await.unwrap();
            for (task, _) in lives {
                same_end(&desk.read_task(task).await);
                assert_eq!(desk.past_of_task(task).await, WHOLE_LIFE);
            }
            assert_eq!(desk.task_totals(desk.flow).await, [(StateType::Completed, 6 * i64::try_from(batch).unwrap())]);
        }
        let tagged = of(json!({"task_runs": {"tags": {"all_": ["t1"]}}}));
        assert_eq!(task_run::list(&desk.cx, desk.read, &tagged, Page::default()).await.unwrap().len(), 120);
    }

    async fn batches_in_opposite_orders_do_not_wait_for_each_other(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        for _ in 0..8 {
            let flow_runs = [desk.run(json!({})).await.id, desk.run(json!({})).await.id];
            let lives: Vec<_> = flow_runs.iter().cycle().take(16).map(|run| own_life(&desk, *run)).collect();
            let forth: Vec<Event> = lives.iter().flat_map(|(_, events)| events.clone()).collect();
            let back: Vec<Event> = forth.iter().rev().cloned().collect();
            let record = |events| event::record(&desk.cx, desk.write, events);
            assert_eq!(tokio::join!(record(forth), record(back)), (Ok(()), Ok(())));
            for (task, _) in lives {
                same_end(&desk.read_task(task).await);
            }
        }
        if kit.backend == Backend::Postgres {
            assert_eq!(deadlocks(&kit).await, Cell::Big(0));
        }
    }

    async fn an_event_about_another_flow_runs_task_run_is_kept_and_records_nothing(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let other = flow::create(&desk.cx, desk.write, of(json!({"name": "Other"}))).await.unwrap().it.id;
        let (mine, others) = (desk.run(json!({})).await.id, desk.run(json!({"flow_id": other})).await.id);
        let mut first = life(&others.to_string());
        first.truncate(2);
        event::record(&desk.cx, desk.write, first).await.unwrap();
        event::record(&desk.cx, desk.write, life(&mine.to_string()).split_off(2)).await.unwrap();
        let task: TaskRunId = TASK_RUN.parse().unwrap();
        let run = desk.read_task(task).await;
        assert_eq!((run.flow_run_id, run.state_type), (Some(others), Some(StateType::Running)));
        assert_eq!(desk.past_of_task(task).await, ["Pending", "Running"]);
        assert_eq!(desk.task_totals(other).await, [(StateType::Running, 1)]);
        assert_eq!(desk.task_totals(desk.flow).await, []);
        assert_eq!(kept(&desk, task).await, 4);
    }

    async fn the_task_run_that_stands_for_a_subflow_is_the_servers_own(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let parent = desk.run(json!({})).await.id;
        let stand_in = desk.task(parent, "add-b44bee3c", json!({"dynamic_key": "b9e00359"})).await.id;
        let child = desk.run(json!({"parent_task_run_id": stand_in})).await.id;
        desk.propose(child, json!({"type": "RUNNING"})).await;
        event::record(&desk.cx, desk.write, life(&parent.to_string())).await.unwrap();
        let run = desk.read_task(stand_in).await;
        assert_eq!((run.state_type, run.tags.len()), (Some(StateType::Running), 0));
        assert_eq!(run.state.unwrap().state_details.child_flow_run_id, Some(child));
        assert_eq!(desk.past_of_task(stand_in).await, ["Pending", "Pending", "Running"]);
        assert_eq!(task_runs(&desk).await.len(), 1);
        assert_eq!(kept(&desk, TASK_RUN).await, 4);
    }

    async fn events_of_a_run_that_is_gone_are_kept_and_record_nothing(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let nowhere = "e65b2643-ff43-433f-9398-b41b1e0c6a6d";
        event::record(&desk.cx, desk.write, life(nowhere)).await.unwrap();
        assert!(task_runs(&desk).await.is_empty());
        assert_eq!(kept(&desk, TASK_RUN).await, 4);
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

fn shuffle(events: &mut [Event], cx: &control::Cx) {
    for last in (1..events.len()).rev() {
        events.swap(last, cx.ids.below(last + 1));
    }
}

/// Two halves in a random order.
fn split(mut events: Vec<Event>, cx: &control::Cx) -> (Vec<Event>, Vec<Event>) {
    shuffle(&mut events, cx);
    let half = events.split_off(events.len() / 2);
    (events, half)
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
