//! Runs and their states, through the use cases that every door leads to.

use std::collections::{BTreeMap, BTreeSet};

use control::{Cx, Error, access::Workspace, bus::Change, flow, flow_run, log, screen, task_run};
use engine::api_version::Client;
use model::{
    filter::flow_run::FlowRunQuery,
    flow_run::{FlowRun, FlowRunCreate},
    id::{FlowId, FlowRunId, TaskRunId},
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
    probe::Probe,
    value::{Kind, Type, Value as Cell},
};
use testkit::Kit;

/// A workspace with a flow in it, entered by its owner.
pub struct Desk {
    pub cx: Cx,
    pub write: Workspace<WriteRuns>,
    pub read: Workspace<ReadRuns>,
    pub flow: FlowId,
    pub location: Location,
}

impl Desk {
    pub async fn set_up(kit: &Kit) -> Self {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "desk").await;
        let (write, read) = (kit.enter(&ann, address).await, kit.enter(&ann, address).await);
        let flow = flow::create(&kit.cx, write, of(json!({"name": "Testing"}))).await.unwrap();
        Self { cx: kit.cx.clone(), write, read, flow: flow.it.id, location: kit.location.clone() }
    }

    pub async fn run(&self, more: Value) -> FlowRun {
        self.try_run(more).await.unwrap()
    }

    async fn try_run(&self, more: Value) -> Result<FlowRun, Error> {
        let create: FlowRunCreate = of(merged(json!({"flow_id": self.flow}), more));
        flow_run::create(&self.cx, self.write, create, Client::default()).await.map(|made| made.it)
    }

    pub async fn propose(&self, run: FlowRunId, state: Value) -> OrchestrationResult {
        self.propose_as(Client::default(), run, state).await
    }

    async fn propose_as(&self, client: Client, run: FlowRunId, state: Value) -> OrchestrationResult {
        let ask: SetState = of(json!({"state": state}));
        flow_run::set_state(&self.cx, self.write, run, ask, client).await.unwrap()
    }

    pub async fn task(&self, run: FlowRunId, key: &str, more: Value) -> TaskRun {
        let base = json!({"flow_run_id": run, "task_key": key, "dynamic_key": "0", "name": key});
        task_run::create(&self.cx, self.write, of(merged(base, more))).await.unwrap().it
    }

    pub async fn propose_task(&self, run: TaskRunId, state: Value) -> OrchestrationResult {
        let ask: SetState = of(json!({"state": state}));
        task_run::set_state(&self.cx, self.write, run, ask, Client::default()).await.unwrap()
    }

    pub async fn read_run(&self, run: FlowRunId) -> FlowRun {
        flow_run::read(&self.cx, self.read, run).await.unwrap()
    }

    pub async fn read_task(&self, run: TaskRunId) -> TaskRun {
        task_run::read(&self.cx, self.read, run).await.unwrap()
    }

    /// The names of the states that a task run went through.
    pub async fn past_of_task(&self, run: TaskRunId) -> Vec<String> {
        let states = task_run::states(&self.cx, self.read, run).await.unwrap();
        states.into_iter().map(|state| state.name).collect()
    }

    /// How many task runs of a flow the counters say are in which state.
    pub async fn task_totals(&self, flow: FlowId) -> Vec<(StateType, i64)> {
        let text =
            "SELECT state_type, CAST(SUM(runs) AS BIGINT) FROM run_total WHERE kind = 'task_run' AND flow_id = $1
                    GROUP BY state_type HAVING SUM(runs) <> 0 ORDER BY state_type";
        let mut probe = Probe::open(&self.location).await.unwrap();
        let kinds = [Kind::of(Type::Text), Kind { ty: Type::Big, nullable: true }];
        let rows = probe.rows(text, &[Type::Uuid], &kinds, vec![Cell::Uuid(flow.into())]).await.unwrap();
        let total = |row: Vec<Cell>| match row.as_slice() {
            [Cell::Text(state_type), Cell::Big(runs)] => (of(json!(state_type)), *runs),
            other => panic!("{other:?}"),
        };
        rows.into_iter().map(total).collect()
    }

    /// What the counters say, checked against what a look at the runs says.
    pub async fn count(&self, state: &str) -> i64 {
        let counted = |filter: Value| {
            let query: FlowRunQuery = of(json!({"flow_runs": filter}));
            async move { flow_run::count(&self.cx, self.read, &query).await.unwrap() }
        };
        let by_counters = counted(json!({"state": {"type": {"any_": [state]}}})).await;
        // The name makes it a filter that the counters can't answer.
        let by_looking = counted(json!({"state": {"type": {"any_": [state]}}, "name": {"like_": "-"}})).await;
        assert_eq!(by_counters, by_looking, "{state}");
        by_counters
    }
}

pub fn of<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

fn merged(base: Value, more: Value) -> Value {
    let (Value::Object(mut base), Value::Object(more)) = (base, more) else { panic!("two objects") };
    base.extend(more);
    Value::Object(base)
}

fn status(answer: &OrchestrationResult) -> (SetStateStatus, Option<String>) {
    let details = serde_json::to_value(&answer.details).unwrap();
    (answer.status, details["reason"].as_str().map(str::to_owned))
}

const ACCEPT: (SetStateStatus, Option<String>) = (SetStateStatus::Accept, None);

testkit::on_both! {
    async fn a_run_goes_from_pending_to_completed(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({"tags": ["a", "b"], "parameters": {"n": 3}})).await;
        assert_eq!((run.state_type, run.run_count), (Some(StateType::Pending), 0));
        assert_eq!(run.labels["prefect.flow.id"], model::label::LabelValue::from(desk.flow.to_string().as_str()));
        kit.advance(1.0);
        assert_eq!(status(&desk.propose(run.id, json!({"type": "RUNNING"})).await), ACCEPT);
        kit.advance(2.5);
        assert_eq!(status(&desk.propose(run.id, json!({"type": "COMPLETED", "name": "Fine"})).await), ACCEPT);
        let run = desk.read_run(run.id).await;
        assert_eq!((run.state_type, run.state_name.as_deref()), (Some(StateType::Completed), Some("Fine")));
        assert_eq!((run.run_count, run.total_run_time.seconds()), (1, 2.5));
        assert_eq!(run.end_time.unwrap().seconds_since(run.start_time.unwrap()), 2.5);
        let states = flow_run::states(&desk.cx, desk.read, run.id).await.unwrap();
        let names: Vec<_> = states.iter().map(|state| state.name.as_str()).collect();
        assert_eq!(names, ["Pending", "Running", "Fine"]);
        assert_eq!((desk.count("COMPLETED").await, desk.count("PENDING").await, desk.count("RUNNING").await), (1, 0, 0));
    }

    async fn refusals_are_answers_and_write_nothing(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({})).await;
        let again = desk.propose(run.id, json!({"type": "PENDING"})).await;
        assert_eq!(again.status, SetStateStatus::Abort);
        let transition = json!({"transition_id": "a11e830e-32f0-431b-b9c0-4ab464f21790"});
        let running = json!({"type": "RUNNING", "state_details": transition});
        assert_eq!(status(&desk.propose(run.id, running.clone()).await), ACCEPT);
        let (rejected, reason) = status(&desk.propose(run.id, running).await);
        assert_eq!((rejected, reason.as_deref()), (SetStateStatus::Reject, Some("This run has already made this state transition.")));
        let data = json!({"type": "COMPLETED", "data": {"storage_key": "x"}});
        assert_eq!(status(&desk.propose(run.id, data).await), ACCEPT);
        let (rejected, reason) = status(&desk.propose(run.id, json!({"type": "RUNNING"})).await);
        assert_eq!((rejected, reason.as_deref()), (SetStateStatus::Reject, Some("Run is already COMPLETED.")));
        assert_eq!(flow_run::states(&desk.cx, desk.read, run.id).await.unwrap().len(), 3);
    }

    async fn a_task_does_not_start_under_a_finished_flow(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({})).await;
        desk.propose(run.id, json!({"type": "RUNNING"})).await;
        let (first, second) = (desk.task(run.id, "first", json!({})).await, desk.task(run.id, "second", json!({})).await);
        assert_eq!(status(&desk.propose_task(first.id, json!({"type": "RUNNING"})).await), ACCEPT);
        desk.propose(run.id, json!({"type": "COMPLETED"})).await;
        let (aborted, reason) = status(&desk.propose_task(second.id, json!({"type": "RUNNING"})).await);
        assert_eq!(aborted, SetStateStatus::Abort);
        assert_eq!(reason.as_deref(), Some("The enclosing flow must be running to begin task execution."));
    }

    async fn sixty_four_pending_at_once_give_one_accept(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({"state": {"type": "SCHEDULED"}})).await;
        let racers: Vec<_> = (0..64).map(|_| race(&desk, run.id, &json!({"type": "PENDING"}))).collect();
        assert_eq!(accepted(racers).await, 1);
        assert_eq!(desk.count("PENDING").await, 1);
    }

    async fn sixty_four_equal_transitions_store_one_state(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({})).await;
        let state = json!({"type": "RUNNING", "state_details": {"transition_id": "a11e830e-32f0-431b-b9c0-4ab464f21790"}});
        let racers: Vec<_> = (0..64).map(|_| race(&desk, run.id, &state)).collect();
        assert_eq!(accepted(racers).await, 1);
        assert_eq!(flow_run::states(&desk.cx, desk.read, run.id).await.unwrap().len(), 2);
    }

    async fn the_same_idempotency_key_makes_one_run(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let racers: Vec<_> = (0..32)
            .map(|_| {
                let create: FlowRunCreate = of(json!({"flow_id": desk.flow, "idempotency_key": "once"}));
                let (cx, ws) = (desk.cx.clone(), desk.write);
                tokio::spawn(async move { flow_run::create(&cx, ws, create, Client::default()).await.unwrap() })
            })
            .collect();
        let mut made = Vec::new();
        for racer in racers {
            made.push(racer.await.unwrap());
        }
        assert_eq!(made.iter().filter(|made| made.new).count(), 1);
        assert!(made.iter().all(|one| one.it.id == made[0].it.id));
        assert_eq!(desk.count("PENDING").await, 1);
    }

    async fn a_subflows_state_is_its_parent_task_runs(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let parent = desk.run(json!({})).await;
        let stand_in = desk.task(parent.id, "child-0", json!({})).await;
        let child = desk.run(json!({"parent_task_run_id": stand_in.id})).await;
        assert_eq!(child.state.unwrap().state_details.task_run_id, Some(stand_in.id), "from its first state on");
        desk.propose(child.id, json!({"type": "RUNNING"})).await;
        desk.propose(child.id, json!({"type": "FAILED", "message": "no"})).await;
        let stand_in = desk.read_task(stand_in.id).await;
        assert_eq!((stand_in.state_type, stand_in.run_count), (Some(StateType::Failed), 1));
        assert_eq!(stand_in.state.unwrap().state_details.child_flow_run_id, Some(child.id));
        assert_eq!(desk.past_of_task(stand_in.id).await, ["Pending", "Pending", "Running", "Failed"]);
    }

    async fn the_retry_of_an_old_clients_run_takes_its_failed_task_runs_along(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let old = Client { api_version: Some("0.8.0".parse().unwrap()) };
        let run = desk.run(json!({"empirical_policy": {"retries": 1, "retry_delay": 30}})).await.id;
        assert_eq!(status(&desk.propose_as(old, run, json!({"type": "RUNNING"})).await), ACCEPT);
        let mut ended = BTreeMap::new();
        for (key, end) in [("a", "FAILED"), ("b", "FAILED"), ("c", "COMPLETED"), ("d", "FAILED"), ("e", "FAILED"), ("f", "FAILED")] {
            let task = desk.task(run, key, json!({})).await.id;
            desk.propose_task(task, json!({"type": "RUNNING"})).await;
            assert_eq!(status(&desk.propose_task(task, json!({"type": end, "data": {"encoding": "x"}})).await), ACCEPT);
            ended.entry(end).or_insert_with(BTreeSet::new).insert(task);
        }
        let mut changes = desk.cx.bus.listen();
        kit.advance(1.0);
        let (rejected, reason) = status(&desk.propose_as(old, run, json!({"type": "FAILED"})).await);
        assert_eq!((rejected, reason.as_deref()), (SetStateStatus::Reject, Some("Retrying")));
        let due = Some(kit.cx.clock.now().plus_seconds(30.0));
        for id in &ended["FAILED"] {
            let task = desk.read_task(*id).await;
            assert_eq!((task.state_type, task.state_name.as_deref()), (Some(StateType::Scheduled), Some("AwaitingRetry")));
            assert_eq!((task.run_count, task.end_time, task.next_scheduled_start_time), (0, None, due));
            assert_eq!(task.state.unwrap().state_details.scheduled_time, due);
            assert_eq!(desk.past_of_task(*id).await, ["Pending", "Running", "Failed", "AwaitingRetry"]);
        }
        for id in &ended["COMPLETED"] {
            assert_eq!(desk.past_of_task(*id).await, ["Pending", "Running", "Completed"]);
        }
        assert_eq!(desk.task_totals(desk.flow).await, [(StateType::Completed, 1), (StateType::Scheduled, 5)]);
        let mut told = BTreeSet::new();
        while let Ok(change) = changes.try_recv() {
            if let Change::TaskRun { task_run, flow_run, .. } = change {
                assert_eq!(flow_run, Some(run));
                told.insert(task_run);
            }
        }
        assert_eq!(told, ended["FAILED"]);
    }

    async fn what_describes_an_artifact_is_no_part_of_a_states_data(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({})).await.id;
        let data = json!({"type": "reference", "artifact_type": "result", "artifact_key": "k", "artifact_description": "d", "storage_key": "s"});
        let kept = Some(json!({"type": "reference", "storage_key": "s"}));
        assert_eq!(desk.propose(run, json!({"type": "COMPLETED", "data": data})).await.state.unwrap().data, kept);
        assert_eq!(desk.read_run(run).await.state.unwrap().data, kept);
        let task = desk.task(run, "task", json!({"state": {"type": "PENDING", "data": data}})).await;
        assert_eq!(task.state.unwrap().data, kept);
    }

    async fn what_a_run_refers_to_must_be_there(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let nothing = "a11e830e-32f0-431b-b9c0-4ab464f21790";
        for (more, missing) in [
            (json!({"flow_id": nothing}), "Flow"),
            (json!({"parent_task_run_id": nothing}), "Task run"),
            (json!({"deployment_id": nothing}), "Deployment"),
        ] {
            assert_eq!(desk.try_run(more).await.unwrap_err(), Error::NotFound(missing));
        }
        assert_eq!(desk.count("PENDING").await, 0);
    }

    async fn an_edit_changes_what_was_sent_and_no_more(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({"tags": ["old"], "flow_version": "1"})).await;
        flow_run::edit(&desk.cx, desk.write, run.id, of(json!({"tags": ["new"], "infrastructure_pid": "7"}))).await.unwrap();
        let after = desk.read_run(run.id).await;
        assert_eq!((after.tags, after.flow_version.as_deref()), (vec!["new".to_owned()], Some("1")));
        assert_eq!(after.infrastructure_pid.as_deref(), Some("7"));
        assert_eq!(named(&desk, json!({"tags": {"all_": ["old"]}})).await, 0);
        assert_eq!(named(&desk, json!({"tags": {"any_": ["new", "other"]}})).await, 1);
    }

    async fn filters_find_what_they_say(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        desk.run(json!({"name": "Alpha 100%", "tags": ["x", "y"]})).await;
        kit.advance(10.0);
        let beta = desk.run(json!({"name": "beta_1"})).await;
        desk.propose(beta.id, json!({"type": "RUNNING"})).await;
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
            assert_eq!(named(&desk, filter.clone()).await, count, "{filter}");
        }
    }

    async fn the_list_of_runs_counts_the_task_runs_of_each(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        for tasks in [0, 3, 1] {
            let run = desk.run(json!({"name": format!("{tasks} tasks")})).await.id;
            for task in 0..tasks {
                desk.task(run, &task.to_string(), json!({})).await;
            }
            kit.advance(1.0);
        }
        let list = screen::run_list(&desk.cx, desk.read, RunFilter::default(), RunCursor::Newest).await.unwrap();
        let counts: Vec<_> = list.rows.iter().map(|row| (row.name.as_str(), row.task_runs)).collect();
        assert_eq!(counts, [("1 tasks", 1), ("3 tasks", 3), ("0 tasks", 0)]);
    }

    async fn log_lines_come_back_in_order(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let run = desk.run(json!({})).await;
        let line = |n: usize| json!({"name": "prefect.flow_runs", "level": 20 + (n % 2) * 10, "message": format!("line {n}"),
            "timestamp": "2026-11-25T10:00:00Z", "flow_run_id": run.id});
        log::write(&desk.cx, desk.write, (0..300).map(|n| of(line(n))).collect()).await.unwrap();
        let query = of(json!({"logs": {"flow_run_id": {"any_": [run.id]}}}));
        let lines = log::list(&desk.cx, desk.read, &query, Page::default()).await.unwrap();
        assert_eq!(lines.len(), 200);
        assert!(lines.iter().enumerate().all(|(n, line)| line.message == format!("line {n}")));
        let query = of(json!({"logs": {"level": {"ge_": 30}}, "sort": "TIMESTAMP_DESC", "limit": 5}));
        let lines = log::list(&desk.cx, desk.read, &query, model::page::Page::new(Some(5), None).unwrap()).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(), ["line 299", "line 297", "line 295", "line 293", "line 291"]);
    }

    async fn counters_are_the_counts_after_any_walk(kit: Kit) {
        let desk = Desk::set_up(&kit).await;
        let walks = ["RUNNING COMPLETED", "RUNNING FAILED", "RUNNING CRASHED", "RUNNING", "CANCELLED", "RUNNING CANCELLING CANCELLED"];
        let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
        for walk in walks.iter().cycle().take(30) {
            let run = desk.run(json!({})).await;
            for state in walk.split(' ') {
                kit.advance(700.0);
                assert_eq!(status(&desk.propose(run.id, json!({"type": state})).await), ACCEPT);
            }
            *ends.entry(walk.rsplit(' ').next().unwrap()).or_default() += 1;
        }
        for (state, count) in ends {
            assert_eq!(desk.count(state).await, count, "{state}");
        }
        assert_eq!(desk.count("PENDING").await, 0);
    }
}

async fn named(desk: &Desk, filter: Value) -> usize {
    let query: FlowRunQuery = of(json!({"flow_runs": filter}));
    let runs = flow_run::list(&desk.cx, desk.read, &query, Page::default()).await.unwrap();
    assert_eq!(flow_run::count(&desk.cx, desk.read, &query).await.unwrap(), i64::try_from(runs.len()).unwrap());
    runs.len()
}

fn race(desk: &Desk, run: FlowRunId, state: &Value) -> tokio::task::JoinHandle<OrchestrationResult> {
    let (cx, ws) = (desk.cx.clone(), desk.write);
    let ask: SetState = of(json!({"state": state}));
    tokio::spawn(async move { flow_run::set_state(&cx, ws, run, ask, Client::default()).await.unwrap() })
}

async fn accepted(racers: Vec<tokio::task::JoinHandle<OrchestrationResult>>) -> usize {
    let mut accepted = 0;
    for racer in racers {
        accepted += usize::from(racer.await.unwrap().status == SetStateStatus::Accept);
    }
    accepted
}
