//! Runs and their states, through the use cases of `control`.

use std::collections::{BTreeMap, BTreeSet};

use control::{
    Cx, Error,
    access::Workspace,
    changes::{Change, Channel},
    flow, flow_run, list, log, screen, task_run,
};
use engine::api_version::Client;
use model::{
    filter::query::FlowRunQuery,
    flow_run::{FlowRun, FlowRunCreate},
    id::{FlowId, FlowRunId, TaskRunId},
    log::LogQuery,
    orchestration::{OrchestrationResult, SetState, SetStateStatus},
    page::Page,
    permission::{ReadRuns, WriteRuns},
    screen::{RunCursor, RunFilter},
    state::StateType,
    task_run::TaskRun,
};
use serde_json::{Value, json};
use store::{
    db::Location,
    testing::RawConnection,
    value::{Kind, Type, Value as Cell},
};
use testkit::TestApp;
use uuid::Uuid;

/// A workspace with a flow, for which its owner is authorized.
pub struct RunFixture {
    pub cx: Cx,
    pub write: Workspace<WriteRuns>,
    pub read: Workspace<ReadRuns>,
    pub flow: FlowId,
    pub location: Location,
}

impl RunFixture {
    pub async fn set_up(app: &TestApp) -> Self {
        let ann = app.person("ann").await;
        let workspace_ref = app.workspace(&ann, "runs").await;
        let (write, read) = (app.authorize(&ann, workspace_ref).await, app.authorize(&ann, workspace_ref).await);
        let flow = flow::create(&app.cx, write, from_json(json!({"name": "Testing"}))).await.unwrap();
        Self { cx: app.cx.clone(), write, read, flow: flow.value.id, location: app.location.clone() }
    }

    pub async fn run(&self, overrides: Value) -> FlowRun {
        self.try_run(overrides).await.unwrap()
    }

    async fn try_run(&self, overrides: Value) -> Result<FlowRun, Error> {
        let create: FlowRunCreate = from_json(merged(json!({"flow_id": self.flow}), overrides));
        flow_run::create(&self.cx, self.write, create, Client::default()).await.map(|created| created.value)
    }

    pub async fn propose(&self, run: FlowRunId, state: Value) -> OrchestrationResult {
        self.propose_as(Client::default(), run, state).await
    }

    async fn propose_as(&self, client: Client, run: FlowRunId, state: Value) -> OrchestrationResult {
        let request: SetState = from_json(json!({"state": state}));
        flow_run::set_state(&self.cx, self.write, run, request, client).await.unwrap().value
    }

    pub async fn task(&self, run: FlowRunId, key: &str, overrides: Value) -> TaskRun {
        let base = json!({"flow_run_id": run, "task_key": key, "dynamic_key": "0", "name": key});
        task_run::create(&self.cx, self.write, from_json(merged(base, overrides))).await.unwrap().value
    }

    pub async fn propose_task(&self, run: TaskRunId, state: Value) -> OrchestrationResult {
        let request: SetState = from_json(json!({"state": state}));
        task_run::set_state(&self.cx, self.write, run, request, Client::default()).await.unwrap().value
    }

    pub async fn read_run(&self, run: FlowRunId) -> FlowRun {
        flow_run::read(&self.cx, self.read, run).await.unwrap()
    }

    pub async fn read_task(&self, run: TaskRunId) -> TaskRun {
        task_run::read(&self.cx, self.read, run).await.unwrap()
    }

    /// The names of a task run's states, oldest first.
    pub async fn task_state_names(&self, run: TaskRunId) -> Vec<String> {
        let states = task_run::states(&self.cx, self.read, run).await.unwrap();
        states.into_iter().map(|state| state.name).collect()
    }

    /// The number of a flow's task runs by state, as the counters have it.
    pub async fn task_totals(&self, flow: FlowId) -> Vec<(StateType, i64)> {
        let text =
            "SELECT state_type, CAST(SUM(runs) AS BIGINT) FROM run_total WHERE kind = 'task_run' AND flow_id = $1
                    GROUP BY state_type HAVING SUM(runs) <> 0 ORDER BY state_type";
        let mut connection = RawConnection::open(&self.location).await.unwrap();
        let kinds = [Kind::of(Type::Text), Kind { ty: Type::Big, nullable: true }];
        let rows = connection.rows(text, &[Type::Uuid], &kinds, vec![Cell::Uuid(flow.into())]).await.unwrap();
        let total = |row: Vec<Cell>| match row.as_slice() {
            [Cell::Text(state_type), Cell::Big(runs)] => (from_json(json!(state_type)), *runs),
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(total).collect()
    }

    /// The number of runs in a state, as the counters have it. Checks that a query of the runs has the same result.
    pub async fn count(&self, state: &str) -> i64 {
        let counted = |filter: Value| {
            let query: FlowRunQuery = from_json(json!({"flow_runs": filter}));
            async move { list::count(&self.cx, self.read, &query).await.unwrap() }
        };
        let by_counters = counted(json!({"state": {"type": {"any_": [state]}}})).await;
        // The counters can't answer a filter with a name.
        let by_query = counted(json!({"state": {"type": {"any_": [state]}}, "name": {"like_": "-"}})).await;
        assert_eq!(by_counters, by_query, "{state}");
        by_counters
    }
}

pub fn from_json<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

fn merged(base: Value, overrides: Value) -> Value {
    let (Value::Object(mut base), Value::Object(overrides)) = (base, overrides) else { panic!("two objects") };
    base.extend(overrides);
    Value::Object(base)
}

fn status(result: &OrchestrationResult) -> (SetStateStatus, Option<String>) {
    let details = serde_json::to_value(&result.details).unwrap();
    (result.status, details["reason"].as_str().map(str::to_owned))
}

const ACCEPT: (SetStateStatus, Option<String>) = (SetStateStatus::Accept, None);

testkit::on_both! {
    async fn a_run_goes_from_pending_to_completed(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({"tags": ["a", "b"], "parameters": {"n": 3}})).await;
        assert_eq!((run.state_type, run.run_count), (Some(StateType::Pending), 0));
        assert_eq!(run.labels["prefect.flow.id"], model::label::LabelValue::from(fixture.flow.to_string().as_str()));
        app.advance(1.0);
        assert_eq!(status(&fixture.propose(run.id, json!({"type": "RUNNING"})).await), ACCEPT);
        app.advance(2.5);
        assert_eq!(status(&fixture.propose(run.id, json!({"type": "COMPLETED", "name": "Fine"})).await), ACCEPT);
        let run = fixture.read_run(run.id).await;
        assert_eq!((run.state_type, run.state_name.as_deref()), (Some(StateType::Completed), Some("Fine")));
        assert_eq!((run.run_count, run.total_run_time.seconds()), (1, 2.5));
        assert_eq!(run.end_time.unwrap().seconds_since(run.start_time.unwrap()), 2.5);
        let states = flow_run::states(&fixture.cx, fixture.read, run.id).await.unwrap();
        let names: Vec<_> = states.iter().map(|state| state.name.as_str()).collect();
        assert_eq!(names, ["Pending", "Running", "Fine"]);
        assert_eq!((fixture.count("COMPLETED").await, fixture.count("PENDING").await, fixture.count("RUNNING").await), (1, 0, 0));
    }

    async fn rejected_transitions_write_nothing(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({})).await;
        let again = fixture.propose(run.id, json!({"type": "PENDING"})).await;
        assert_eq!(again.status, SetStateStatus::Abort);
        let transition = json!({"transition_id": "a11e830e-32f0-431b-b9c0-4ab464f21790"});
        let running = json!({"type": "RUNNING", "state_details": transition});
        assert_eq!(status(&fixture.propose(run.id, running.clone()).await), ACCEPT);
        let (rejected, reason) = status(&fixture.propose(run.id, running).await);
        assert_eq!((rejected, reason.as_deref()), (SetStateStatus::Reject, Some("This run has already made this state transition.")));
        let data = json!({"type": "COMPLETED", "data": {"storage_key": "x"}});
        assert_eq!(status(&fixture.propose(run.id, data).await), ACCEPT);
        let (rejected, reason) = status(&fixture.propose(run.id, json!({"type": "RUNNING"})).await);
        assert_eq!((rejected, reason.as_deref()), (SetStateStatus::Reject, Some("Run is already COMPLETED.")));
        assert_eq!(flow_run::states(&fixture.cx, fixture.read, run.id).await.unwrap().len(), 3);
    }

    async fn a_task_run_does_not_start_in_a_finished_flow_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({})).await;
        fixture.propose(run.id, json!({"type": "RUNNING"})).await;
        let (first, second) = (fixture.task(run.id, "first", json!({})).await, fixture.task(run.id, "second", json!({})).await);
        assert_eq!(status(&fixture.propose_task(first.id, json!({"type": "RUNNING"})).await), ACCEPT);
        fixture.propose(run.id, json!({"type": "COMPLETED"})).await;
        let (aborted, reason) = status(&fixture.propose_task(second.id, json!({"type": "RUNNING"})).await);
        assert_eq!(aborted, SetStateStatus::Abort);
        assert_eq!(reason.as_deref(), Some("The enclosing flow must be running to begin task execution."));
    }

    async fn of_64_concurrent_pending_proposals_one_is_accepted(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({"state": {"type": "SCHEDULED"}})).await;
        let racers: Vec<_> = (0..64).map(|_| race(&fixture, run.id, &json!({"type": "PENDING"}))).collect();
        assert_eq!(accepted(racers).await, 1);
        assert_eq!(fixture.count("PENDING").await, 1);
    }

    async fn sixty_four_equal_transitions_store_one_state(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({})).await;
        let state = json!({"type": "RUNNING", "state_details": {"transition_id": "a11e830e-32f0-431b-b9c0-4ab464f21790"}});
        let racers: Vec<_> = (0..64).map(|_| race(&fixture, run.id, &state)).collect();
        assert_eq!(accepted(racers).await, 1);
        assert_eq!(flow_run::states(&fixture.cx, fixture.read, run.id).await.unwrap().len(), 2);
    }

    async fn the_same_idempotency_key_creates_one_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let racers: Vec<_> = (0..32)
            .map(|_| {
                let create: FlowRunCreate = from_json(json!({"flow_id": fixture.flow, "idempotency_key": "once"}));
                let (cx, ws) = (fixture.cx.clone(), fixture.write);
                tokio::spawn(async move { flow_run::create(&cx, ws, create, Client::default()).await.unwrap() })
            })
            .collect();
        let mut created = Vec::new();
        for racer in racers {
            created.push(racer.await.unwrap());
        }
        assert_eq!(created.iter().filter(|created| created.inserted).count(), 1);
        assert!(created.iter().all(|one| one.value.id == created[0].value.id));
        assert_eq!(fixture.count("PENDING").await, 1);
    }

    async fn missing_job_variables_are_null_only_with_a_key(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        for (run, stored) in [
            (json!({}), json!({})),
            (json!({"job_variables": null}), json!({})),
            (json!({"idempotency_key": "missing"}), json!(null)),
            (json!({"idempotency_key": "null", "job_variables": null}), json!(null)),
            (json!({"idempotency_key": "empty", "job_variables": {}}), json!({})),
            (json!({"idempotency_key": "sent", "job_variables": {"image": "a"}}), json!({"image": "a"})),
        ] {
            let created = fixture.run(run.clone()).await;
            assert_eq!(json!(created.job_variables), stored, "{run}");
        }
    }

    async fn a_subflows_state_is_copied_to_its_parent_task_run(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let parent = fixture.run(json!({})).await;
        let subflow_task = fixture.task(parent.id, "child-0", json!({})).await;
        let child = fixture.run(json!({"parent_task_run_id": subflow_task.id})).await;
        assert_eq!(child.state.unwrap().state_details.task_run_id, Some(subflow_task.id), "set from the first state on");
        fixture.propose(child.id, json!({"type": "RUNNING"})).await;
        fixture.propose(child.id, json!({"type": "FAILED", "message": "no"})).await;
        let subflow_task = fixture.read_task(subflow_task.id).await;
        assert_eq!((subflow_task.state_type, subflow_task.run_count), (Some(StateType::Failed), 1));
        assert_eq!(subflow_task.state.unwrap().state_details.child_flow_run_id, Some(child.id));
        assert_eq!(fixture.task_state_names(subflow_task.id).await, ["Pending", "Pending", "Running", "Failed"]);
    }

    async fn an_old_clients_retry_reschedules_failed_task_runs(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let old = Client { api_version: Some("0.8.0".parse().unwrap()) };
        let run = fixture.run(json!({"empirical_policy": {"retries": 1, "retry_delay": 30}})).await.id;
        assert_eq!(status(&fixture.propose_as(old, run, json!({"type": "RUNNING"})).await), ACCEPT);
        let mut ended = BTreeMap::new();
        for (key, end) in [("a", "FAILED"), ("b", "FAILED"), ("c", "COMPLETED"), ("d", "FAILED"), ("e", "FAILED"), ("f", "FAILED")] {
            let task = fixture.task(run, key, json!({})).await.id;
            fixture.propose_task(task, json!({"type": "RUNNING"})).await;
            assert_eq!(status(&fixture.propose_task(task, json!({"type": end, "data": {"encoding": "x"}})).await), ACCEPT);
            ended.entry(end).or_insert_with(BTreeSet::new).insert(task);
        }
        let mut changes = fixture.cx.changes().subscribe();
        changes.add(Channel::Workspace(fixture.write.id()));
        app.advance(1.0);
        let (rejected, reason) = status(&fixture.propose_as(old, run, json!({"type": "FAILED"})).await);
        assert_eq!((rejected, reason.as_deref()), (SetStateStatus::Reject, Some("Retrying")));
        let due = Some(app.cx.clock.now().plus_seconds(30.0));
        for id in &ended["FAILED"] {
            let task = fixture.read_task(*id).await;
            assert_eq!((task.state_type, task.state_name.as_deref()), (Some(StateType::Scheduled), Some("AwaitingRetry")));
            assert_eq!((task.run_count, task.end_time, task.next_scheduled_start_time), (0, None, due));
            assert_eq!(task.state.unwrap().state_details.scheduled_time, due);
            assert_eq!(fixture.task_state_names(*id).await, ["Pending", "Running", "Failed", "AwaitingRetry"]);
        }
        for id in &ended["COMPLETED"] {
            assert_eq!(fixture.task_state_names(*id).await, ["Pending", "Running", "Completed"]);
        }
        assert_eq!(fixture.task_totals(fixture.flow).await, [(StateType::Completed, 1), (StateType::Scheduled, 5)]);
        let mut published = BTreeSet::new();
        for change in changes.try_recv().unwrap() {
            if let Change::TaskRun { task_run, flow_run, .. } = change {
                assert_eq!(flow_run, Some(run));
                published.insert(task_run);
            }
        }
        assert_eq!(published, ended["FAILED"]);
    }

    async fn artifact_fields_are_removed_from_state_data(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({})).await.id;
        let data = json!({"type": "reference", "artifact_type": "result", "artifact_key": "k", "artifact_description": "d", "storage_key": "s"});
        let expected = Some(json!({"type": "reference", "storage_key": "s"}));
        assert_eq!(fixture.propose(run, json!({"type": "COMPLETED", "data": data})).await.state.unwrap().data, expected);
        assert_eq!(fixture.read_run(run).await.state.unwrap().data, expected);
        let task = fixture.task(run, "task", json!({"state": {"type": "PENDING", "data": data}})).await;
        assert_eq!(task.state.unwrap().data, expected);
    }

    async fn references_of_a_new_run_must_exist(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let missing_id = "a11e830e-32f0-431b-b9c0-4ab464f21790";
        for (overrides, missing) in [
            (json!({"flow_id": missing_id}), "Flow"),
            (json!({"parent_task_run_id": missing_id}), "Task run"),
            (json!({"deployment_id": missing_id}), "Deployment"),
        ] {
            assert_eq!(fixture.try_run(overrides).await.unwrap_err(), Error::not_found(missing, missing_id.parse::<Uuid>().unwrap()));
        }
        assert_eq!(fixture.count("PENDING").await, 0);
    }

    async fn an_edit_changes_only_the_sent_fields(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({"tags": ["old"], "flow_version": "1"})).await;
        flow_run::edit(&fixture.cx, fixture.write, run.id, from_json(json!({"tags": ["new"], "infrastructure_pid": "7"}))).await.unwrap();
        let after = fixture.read_run(run.id).await;
        assert_eq!((after.tags, after.flow_version.as_deref()), (vec!["new".to_owned()], Some("1")));
        assert_eq!(after.infrastructure_pid.as_deref(), Some("7"));
        assert_eq!(count_matching(&fixture, json!({"tags": {"all_": ["old"]}})).await, 0);
        assert_eq!(count_matching(&fixture, json!({"tags": {"any_": ["new", "other"]}})).await, 1);
    }

    async fn filters_match_the_expected_runs(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        fixture.run(json!({"name": "Alpha 100%", "tags": ["x", "y"]})).await;
        app.advance(10.0);
        let beta = fixture.run(json!({"name": "beta_1"})).await;
        fixture.propose(beta.id, json!({"type": "RUNNING"})).await;
        for (filter, count) in [
            (json!({}), 2),
            (json!({"name": {"like_": "ALPHA"}}), 1),
            (json!({"name": {"like_": "0%"}}), 1),
            (json!({"name": {"like_": "a%1"}}), 0),
            (json!({"name": {"any_": ["beta_1", "gamma"]}}), 1),
            (json!({"id": {"any_": []}}), 0),
            (json!({"id": {"not_any_": [beta.id]}}), 1),
            (json!({"tags": {"all_": ["x", "y"]}}), 1),
            (json!({"tags": {"all_": ["x", "z"]}}), 0),
            (json!({"tags": {"is_null_": true}}), 1),
            (json!({"state": {"type": {"any_": ["RUNNING"]}}}), 1),
            (json!({"state": {"type": {"any_": []}}}), 0),
            (json!({"operator": "or_", "name": {"any_": ["beta_1"]}, "tags": {"any_": ["x"]}}), 2),
            (json!({"start_time": {"after_": beta.created.to_string()}}), 1),
            (json!({"parent_task_run_id": {"is_null_": true}}), 2),
        ] {
            assert_eq!(count_matching(&fixture, filter.clone()).await, count, "{filter}");
        }
    }

    async fn the_list_of_runs_counts_the_task_runs_of_each(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        for tasks in [0, 3, 1] {
            let run = fixture.run(json!({"name": format!("{tasks} tasks")})).await.id;
            for task in 0..tasks {
                fixture.task(run, &task.to_string(), json!({})).await;
            }
            app.advance(1.0);
        }
        let list = screen::run_list(&fixture.cx, fixture.read, RunFilter::default(), RunCursor::Newest).await.unwrap();
        let counts: Vec<_> = list.rows.iter().map(|row| (row.name.as_str(), row.task_runs)).collect();
        assert_eq!(counts, [("1 tasks", 1), ("3 tasks", 3), ("0 tasks", 0)]);
    }

    async fn log_lines_are_listed_in_order(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let run = fixture.run(json!({})).await;
        let line = |n: usize| json!({"name": "prefect.flow_runs", "level": 20 + (n % 2) * 10, "message": format!("line {n}"),
            "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": run.id});
        log::write(&fixture.cx, fixture.write, (0..300).map(|n| from_json(line(n))).collect()).await.unwrap();
        let query: LogQuery = from_json(json!({"logs": {"flow_run_id": {"any_": [run.id]}}}));
        let lines = list::objects(&fixture.cx, fixture.read, &query, Page::default()).await.unwrap();
        assert_eq!(lines.len(), 200);
        assert!(lines.iter().enumerate().all(|(n, line)| line.message == format!("line {n}")));
        let query: LogQuery = from_json(json!({"logs": {"level": {"ge_": 30}}, "sort": "TIMESTAMP_DESC", "limit": 5}));
        let lines = list::objects(&fixture.cx, fixture.read, &query, model::page::Page::new(Some(5), None).unwrap()).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), ["line 299", "line 297", "line 295", "line 293", "line 291"]);
    }

    async fn counters_match_the_runs_after_any_transitions(app: TestApp) {
        let fixture = RunFixture::set_up(&app).await;
        let walks = ["RUNNING COMPLETED", "RUNNING FAILED", "RUNNING CRASHED", "RUNNING", "CANCELLED", "RUNNING CANCELLING CANCELLED"];
        let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
        for walk in walks.iter().cycle().take(30) {
            let run = fixture.run(json!({})).await;
            for state in walk.split(' ') {
                app.advance(700.0);
                assert_eq!(status(&fixture.propose(run.id, json!({"type": state})).await), ACCEPT);
            }
            *ends.entry(walk.rsplit(' ').next().unwrap()).or_default() += 1;
        }
        for (state, count) in ends {
            assert_eq!(fixture.count(state).await, count, "{state}");
        }
        assert_eq!(fixture.count("PENDING").await, 0);
    }
}

async fn count_matching(fixture: &RunFixture, filter: Value) -> usize {
    let query: FlowRunQuery = from_json(json!({"flow_runs": filter}));
    let runs = list::objects(&fixture.cx, fixture.read, &query, Page::default()).await.unwrap();
    assert_eq!(list::count(&fixture.cx, fixture.read, &query).await.unwrap(), i64::try_from(runs.len()).unwrap());
    runs.len()
}

fn race(fixture: &RunFixture, run: FlowRunId, state: &Value) -> tokio::task::JoinHandle<OrchestrationResult> {
    let (cx, ws) = (fixture.cx.clone(), fixture.write);
    let request: SetState = from_json(json!({"state": state}));
    tokio::spawn(async move { flow_run::set_state(&cx, ws, run, request, Client::default()).await.unwrap().value })
}

async fn accepted(racers: Vec<tokio::task::JoinHandle<OrchestrationResult>>) -> usize {
    let mut accepted = 0;
    for racer in racers {
        accepted += usize::from(racer.await.unwrap().status == SetStateStatus::Accept);
    }
    accepted
}
