//! A scheduled flow run that does not start in time becomes Late, once.

use control::{Cx, access::Workspace, changes::Channel, flow, flow_run, list};
use engine::api_version::Client;
use model::{
    filter::query::FlowRunQuery,
    flow_run::FlowRun,
    id::{FlowId, FlowRunId},
    permission::{ReadRuns, WriteRuns},
    state::{State, StateType},
};
use serde_json::{Value, json};
use services::{LateRuns, Report, Service as _};
use store::{Change, Db, db::Limits};
use testkit::{TestApp, on_both};

struct Fixture {
    cx: Cx,
    write: Workspace<WriteRuns>,
    read: Workspace<ReadRuns>,
    flow: FlowId,
}

impl Fixture {
    async fn set_up(app: &TestApp) -> Self {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "runs").await;
        let (write, read) = (app.authorize(&ann, workspace_ref).await, app.authorize(&ann, workspace_ref).await);
        let flow = flow::create(&app.cx, write, from_json(json!({"name": "Testing"}))).await.unwrap();
        Self { cx: app.cx.clone(), write, read, flow: flow.value.id }
    }

    /// Creates a run that is due in so many seconds.
    async fn scheduled(&self, seconds: f64, name: &str) -> FlowRunId {
        let due = self.cx.clock.now().plus_seconds(seconds);
        let state = json!({"type": "SCHEDULED", "name": name, "state_details": {"scheduled_time": due}});
        let create = from_json(json!({"flow_id": self.flow, "state": state}));
        flow_run::create(&self.cx, self.write, create, Client::default()).await.unwrap().value.id
    }

    async fn propose(&self, run: FlowRunId, state: Value) {
        flow_run::set_state(&self.cx, self.write, run, from_json(json!({"state": state})), Client::default())
            .await
            .unwrap();
    }

    async fn read(&self, run: FlowRunId) -> FlowRun {
        flow_run::read(&self.cx, self.read, run).await.unwrap()
    }

    async fn states(&self, run: FlowRunId) -> Vec<State> {
        flow_run::states(&self.cx, self.read, run).await.unwrap()
    }

    async fn state_names(&self, run: FlowRunId) -> Vec<String> {
        self.states(run).await.into_iter().map(|state| state.name).collect()
    }

    async fn count(&self, name: &str) -> i64 {
        let query: FlowRunQuery = from_json(json!({"flow_runs": {"state": {"name": {"any_": [name]}}}}));
        list::count(&self.cx, self.read, &query).await.unwrap()
    }
}

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

async fn tick(cx: &Cx) -> Report {
    LateRuns.tick(cx).await.unwrap()
}

fn done(done: u64) -> Report {
    Report { done, more: false }
}

on_both! {
    async fn a_run_is_late_fifteen_seconds_after_it_was_due(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        let run = fixture.scheduled(10.0, "Scheduled").await;
        let due = fixture.read(run).await.next_scheduled_start_time;
        app.advance(24.9);
        assert_eq!(tick(&app.cx).await, done(0));
        let mut changes = app.cx.changes().subscribe();
        changes.add(Channel::Workspace(fixture.read.id()));
        app.advance(0.1);
        assert_eq!(tick(&app.cx).await, done(1));
        let late = fixture.read(run).await;
        assert_eq!((late.state_type, late.state_name.as_deref()), (Some(StateType::Scheduled), Some("Late")));
        assert_eq!((late.next_scheduled_start_time, late.expected_start_time), (due, due));
        assert_eq!(late.state.unwrap().state_details.scheduled_time, due);
        assert_eq!((fixture.count("Late").await, fixture.count("Scheduled").await), (1, 0));
        assert_eq!(changes.try_recv(), Ok(vec![Change::FlowRun { workspace: fixture.read.id(), flow_run: run }]));
    }

    async fn a_second_tick_finds_nothing(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        let run = fixture.scheduled(0.0, "Scheduled").await;
        app.advance(60.0);
        assert_eq!(tick(&app.cx).await, done(1));
        assert_eq!(tick(&app.cx).await, done(0));
        app.advance(86_400.0);
        assert_eq!(tick(&app.cx).await, done(0), "a day later");
        assert_eq!(fixture.state_names(run).await, ["Scheduled", "Late"]);
    }

    async fn two_replicas_at_once_mark_each_run_once(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        let mut runs = Vec::new();
        for _ in 0..40 {
            runs.push(fixture.scheduled(0.0, "Scheduled").await);
        }
        app.advance(60.0);
        let other = Cx { db: Db::open(&app.location, Limits::default()).await.unwrap(), ..app.cx.clone() };
        let (one, two) = tokio::join!(tick(&app.cx), tick(&other));
        assert_eq!(one.done + two.done, 40, "{one:?} {two:?}");
        for run in runs {
            assert_eq!(fixture.state_names(run).await, ["Scheduled", "Late"]);
        }
        assert_eq!(fixture.count("Late").await, 40);
    }

    async fn a_clock_that_is_set_back_undoes_nothing(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        let run = fixture.scheduled(0.0, "Scheduled").await;
        app.advance(60.0);
        assert_eq!(tick(&app.cx).await, done(1));
        app.advance(-120.0);
        let later = fixture.scheduled(0.0, "Scheduled").await;
        assert_eq!(tick(&app.cx).await, done(0), "the new run is due now");
        app.advance(15.0);
        assert_eq!(tick(&app.cx).await, done(1));
        for run in [run, later] {
            assert_eq!(fixture.state_names(run).await, ["Scheduled", "Late"]);
        }
    }

    async fn only_runs_in_a_state_named_scheduled_become_late(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        let retried = fixture.scheduled(0.0, "AwaitingRetry").await;
        let started = fixture.scheduled(0.0, "Scheduled").await;
        fixture.propose(started, json!({"type": "PENDING"})).await;
        app.advance(600.0);
        assert_eq!(tick(&app.cx).await, done(0));
        assert_eq!(fixture.state_names(retried).await, ["AwaitingRetry"]);
        assert_eq!(fixture.state_names(started).await, ["Scheduled", "Pending"]);
    }

    async fn a_late_run_starts_like_a_scheduled_one(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        let run = fixture.scheduled(0.0, "Scheduled").await;
        app.advance(60.0);
        assert_eq!(tick(&app.cx).await, done(1));
        fixture.propose(run, json!({"type": "PENDING"})).await;
        fixture.propose(run, json!({"type": "RUNNING"})).await;
        assert_eq!(fixture.state_names(run).await, ["Scheduled", "Late", "Pending", "Running"]);
        assert_eq!(fixture.read(run).await.next_scheduled_start_time, None);
    }

    async fn a_run_that_cannot_be_marked_does_not_block_others(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        let first = fixture.scheduled(0.0, "Scheduled").await;
        let second = fixture.scheduled(1.0, "Scheduled").await;
        app.execute_raw("UPDATE flow_run SET name = 'poison' WHERE id = (SELECT id FROM flow_run ORDER BY next_scheduled_start_time LIMIT 1)").await;
        app.poison("UPDATE", "flow_run", "name").await;
        app.advance(60.0);
        assert!(LateRuns.tick(&app.cx).await.is_err());
        assert_eq!(fixture.state_names(first).await, ["Scheduled"]);
        assert_eq!(fixture.state_names(second).await, ["Scheduled", "Late"]);
        app.remove_poison("flow_run").await;
        assert_eq!(tick(&app.cx).await, done(1));
    }

    async fn a_full_batch_asks_for_another_tick(app: TestApp) {
        let fixture = Fixture::set_up(&app).await;
        for _ in 0..401 {
            fixture.scheduled(0.0, "Scheduled").await;
        }
        app.advance(60.0);
        assert_eq!(tick(&app.cx).await, Report { done: 400, more: true });
        assert_eq!(tick(&app.cx).await, done(1));
    }
}
