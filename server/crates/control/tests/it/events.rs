//! Events and the task runs that are recorded from them, in any order and however often they are sent.

use control::{event, flow, list};
use model::{
    event::Event,
    filter::query::TaskRunQuery,
    id::{FlowRunId, TaskRunId},
    page::Page,
    state::StateType,
    task_run::TaskRun,
};
use serde_json::{Value, json};
use store::{
    testing::RawConnection,
    value::{Kind, Type, Value as Cell},
};
use testkit::Backend;

use crate::runs::{RunFixture, from_json};

const TASK_RUN: &str = "01a20b9f-f278-7591-8054-e0df072169ce";
const ALL_STATES: [&str; 4] = ["Pending", "Running", "Retrying", "Completed"];

/// The events of a task run that is retried once, as its client sends them.
fn task_run_events(flow_run: &str) -> Vec<Event> {
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
        .map(|(name, state_type, second, run)| from_json(task_run_event(flow_run, name, state_type, second, &run)))
        .collect()
}

/// The same events for another task run, with new event ids: two events of one workspace with the same id are the same event.
fn new_task_run_events(fixture: &RunFixture, flow_run: FlowRunId) -> (TaskRunId, Vec<Event>) {
    let now = fixture.cx.clock.now();
    let task: TaskRunId = fixture.cx.ids.make(now);
    let mut events = task_run_events(&flow_run.to_string());
    for event in &mut events {
        event.id = fixture.cx.ids.make(now);
        event.resource.insert("prefect.resource.id".to_owned(), format!("prefect.task-run.{task}"));
        event.payload["task_run"]["dynamic_key"] = json!(task);
    }
    (task, events)
}

fn at(second: u32) -> String {
    format!("2026-11-25T10:00:0{second}.000001Z")
}

fn task_run_event(flow_run: &str, name: &str, state_type: &str, second: u32, run: &Value) -> Value {
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

fn assert_final_state(run: &TaskRun) {
    assert_eq!((run.state_type, run.state_name.as_deref()), (Some(StateType::Completed), Some("Completed")));
    assert_eq!(
        (run.run_count, run.total_run_time.seconds(), run.tags.as_slice()),
        (2, 2.0, ["t1".to_owned()].as_slice())
    );
    assert_eq!((run.start_time.unwrap().to_string(), run.end_time.unwrap().to_string()), (at(1), at(3)));
}

async fn count_events(fixture: &RunFixture, task: impl std::fmt::Display) -> i64 {
    let mut connection = RawConnection::open(&fixture.location).await.unwrap();
    let about = Cell::Text(format!("prefect.task-run.{task}"));
    let text = "SELECT COUNT(*) FROM event WHERE resource_id = $1";
    let rows = connection.rows(text, &[Type::Text], &[Kind::of(Type::Big)], vec![about]).await.unwrap();
    let [Cell::Big(events)] = rows[0].as_slice() else { panic!("{rows:?}") };
    *events
}

/// How many deadlocks PostgreSQL has resolved in this test's database.
async fn deadlocks(app: &testkit::TestApp) -> Cell {
    let mut connection = RawConnection::open(&app.location).await.unwrap();
    let text = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    connection.rows(text, &[], &[Kind { ty: Type::Big, nullable: false }], Vec::new()).await.unwrap()[0][0].clone()
}

async fn task_runs(fixture: &RunFixture) -> Vec<TaskRun> {
    list::objects(&fixture.cx, fixture.read, &TaskRunQuery::default(), Page::default()).await.unwrap()
}

testkit::on_both! {
    async fn a_task_run_is_recorded_once_in_any_order(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        for _ in 0..100 {
            let flow_run = fixture.run(json!({})).await;
            let (task, events) = new_task_run_events(&fixture, flow_run.id);
            let doubled: Vec<Event> = events.iter().chain(&events).cloned().collect();
            let (left, right) = split(doubled, &fixture.cx);
            let (one, other) = (send(&fixture, left), send(&fixture, right));
            one.await.unwrap();
            other.await.unwrap();
            assert_final_state(&fixture.read_task(task).await);
            assert_eq!(fixture.task_state_names(task).await, ALL_STATES);
        }
        assert_eq!(task_runs(&fixture).await.len(), 100);
    }

    async fn a_batch_of_task_runs_is_recorded_in_any_order(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        for batch in 1..=20 {
            let flow_runs = [fixture.run(json!({})).await.id, fixture.run(json!({})).await.id];
            let task_runs: Vec<_> = flow_runs.iter().cycle().take(6).map(|run| new_task_run_events(&fixture, *run)).collect();
            let events: Vec<Event> = task_runs.iter().flat_map(|(_, events)| events.clone()).collect();
            let mut doubled = [events.clone(), events].concat();
            shuffle(&mut doubled, &fixture.cx);
            // A first batch has recorded some of them already.
            let recorded = doubled.split_off(doubled.len() - batch);
            event::record(&fixture.cx, fixture.write, recorded).await.unwrap();
            event::record(&fixture.cx, fixture.write, doubled).await.unwrap();
            for (task, _) in task_runs {
                assert_final_state(&fixture.read_task(task).await);
                assert_eq!(fixture.task_state_names(task).await, ALL_STATES);
            }
            assert_eq!(fixture.task_totals(fixture.flow).await, [(StateType::Completed, 6 * i64::try_from(batch).unwrap())]);
        }
        let tagged: TaskRunQuery = from_json(json!({"task_runs": {"tags": {"all_": ["t1"]}}}));
        assert_eq!(list::objects(&fixture.cx, fixture.read, &tagged, Page::default()).await.unwrap().len(), 120);
    }

    async fn batches_in_opposite_orders_do_not_deadlock(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        for _ in 0..8 {
            let flow_runs = [fixture.run(json!({})).await.id, fixture.run(json!({})).await.id];
            let task_runs: Vec<_> = flow_runs.iter().cycle().take(16).map(|run| new_task_run_events(&fixture, *run)).collect();
            let forward: Vec<Event> = task_runs.iter().flat_map(|(_, events)| events.clone()).collect();
            let backward: Vec<Event> = forward.iter().rev().cloned().collect();
            let record = |events| event::record(&fixture.cx, fixture.write, events);
            assert_eq!(tokio::join!(record(forward), record(backward)), (Ok(()), Ok(())));
            for (task, _) in task_runs {
                assert_final_state(&fixture.read_task(task).await);
            }
        }
        if app.backend == Backend::Postgres {
            assert_eq!(deadlocks(&app).await, Cell::Big(0));
        }
    }

    async fn events_of_another_flow_runs_task_run_record_no_state(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let other = flow::create(&fixture.cx, fixture.write, from_json(json!({"name": "Other"}))).await.unwrap().value.id;
        let (mine, others) = (fixture.run(json!({})).await.id, fixture.run(json!({"flow_id": other})).await.id);
        let mut first = task_run_events(&others.to_string());
        first.truncate(2);
        event::record(&fixture.cx, fixture.write, first).await.unwrap();
        event::record(&fixture.cx, fixture.write, task_run_events(&mine.to_string()).split_off(2)).await.unwrap();
        let task: TaskRunId = TASK_RUN.parse().unwrap();
        let run = fixture.read_task(task).await;
        assert_eq!((run.flow_run_id, run.state_type), (Some(others), Some(StateType::Running)));
        assert_eq!(fixture.task_state_names(task).await, ["Pending", "Running"]);
        assert_eq!(fixture.task_totals(other).await, [(StateType::Running, 1)]);
        assert_eq!(fixture.task_totals(fixture.flow).await, []);
        assert_eq!(count_events(&fixture, task).await, 4);
    }

    async fn events_do_not_change_the_task_run_of_a_subflow(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let parent = fixture.run(json!({})).await.id;
        let subflow_task = fixture.task(parent, "add-b44bee3c", json!({"dynamic_key": "b9e00359"})).await.id;
        let child = fixture.run(json!({"parent_task_run_id": subflow_task})).await.id;
        fixture.propose(child, json!({"type": "RUNNING"})).await;
        event::record(&fixture.cx, fixture.write, task_run_events(&parent.to_string())).await.unwrap();
        let run = fixture.read_task(subflow_task).await;
        assert_eq!((run.state_type, run.tags.len()), (Some(StateType::Running), 0));
        assert_eq!(run.state.unwrap().state_details.child_flow_run_id, Some(child));
        assert_eq!(fixture.task_state_names(subflow_task).await, ["Pending", "Pending", "Running"]);
        assert_eq!(task_runs(&fixture).await.len(), 1);
        assert_eq!(count_events(&fixture, TASK_RUN).await, 4);
    }

    async fn events_of_a_missing_flow_run_record_no_task_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let missing = "e65b2643-ff43-433f-9398-b41b1e0c6a6d";
        event::record(&fixture.cx, fixture.write, task_run_events(missing)).await.unwrap();
        assert!(task_runs(&fixture).await.is_empty());
        assert_eq!(count_events(&fixture, TASK_RUN).await, 4);
    }

    async fn events_of_older_clients_record_no_task_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let flow_run = fixture.run(json!({})).await;
        let mut events = task_run_events(&flow_run.id.to_string());
        events.iter_mut().for_each(|event| drop(event.resource.remove("prefect.orchestration")));
        event::record(&fixture.cx, fixture.write, events).await.unwrap();
        assert!(task_runs(&fixture).await.is_empty());
    }

    async fn an_event_with_known_keys_updates_the_stored_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let flow_run = fixture.run(json!({})).await;
        let stored = fixture.task(flow_run.id, "add-b44bee3c", json!({"dynamic_key": "b9e00359"})).await;
        event::record(&fixture.cx, fixture.write, task_run_events(&flow_run.id.to_string())).await.unwrap();
        let runs = task_runs(&fixture).await;
        assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [stored.id]);
    }
}

fn shuffle(events: &mut [Event], cx: &control::Cx) {
    for last in (1..events.len()).rev() {
        events.swap(last, cx.ids.below(last + 1));
    }
}

/// Shuffles the events and splits them into two halves.
fn split(mut events: Vec<Event>, cx: &control::Cx) -> (Vec<Event>, Vec<Event>) {
    shuffle(&mut events, cx);
    let half = events.split_off(events.len() / 2);
    (events, half)
}

/// Sends events as one websocket does, with one write for each.
fn send(fixture: &RunFixture, events: Vec<Event>) -> tokio::task::JoinHandle<()> {
    let (cx, ws) = (fixture.cx.clone(), fixture.write);
    tokio::spawn(async move {
        for event in events {
            event::record(&cx, ws, vec![event]).await.unwrap();
        }
    })
}
