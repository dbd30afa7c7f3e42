//! How the databases read long lists of runs: through an index, in its order, however many runs there are.

use control::{
    access::Workspace,
    flow, flow_run,
    screen::{run, run_list, run_list_news},
};
use engine::api_version::Client;
use model::{
    filter::{
        flow_run::{FlowRunQuery, FlowRunSort},
        task_run::{TaskRunQuery, TaskRunSort},
    },
    id::{FlowRunId, TaskRunId, WorkspaceId},
    page::Page,
    permission::{ReadRuns, WriteRuns},
    screen::{MOST_COUNTED, RUNS_A_PAGE, RunCursor, RunFilter, RunPlace, RunView, Since},
    state::StateType,
};
use sea_query::SelectStatement;
use serde_json::json;
use store::{
    filter::{match_run_list, select_flow_runs, select_listed, select_run_list, select_task_runs},
    probe::{self, Built, Probe},
    statement::STATEMENTS,
    value::{Kind, Type, Value},
};
use testkit::{Backend, Kit};
use uuid::Uuid;

use crate::furnished::of;

const RUNS: i64 = 20_000;

/// A workspace with more runs than a database would rather read through than look up.
struct Crowd {
    kit: Kit,
    probe: Probe,
    workspace: WorkspaceId,
    at: Workspace<ReadRuns>,
    /// The run of which the others are copies.
    run: FlowRunId,
}

impl Crowd {
    async fn gather(kit: &Kit) -> Self {
        let ann = kit.person("ann").await;
        let address = kit.workspace(&ann, "crowd").await;
        let write: Workspace<WriteRuns> = kit.enter(&ann, address).await;
        let flow = flow::create(&kit.cx, write, of(json!({"name": "busy"}))).await.unwrap().it;
        let run = json!({"flow_id": flow.id, "state": {"type": "COMPLETED"}});
        let run = flow_run::create(&kit.cx, write, of(run), Client::default()).await.unwrap().it.id;
        let mut probe = Probe::open(&kit.location).await.unwrap();
        let ids = vec![Value::Uuid(address.workspace.0), Value::Uuid(run.0)];
        let made = probe.touched(&copies(kit.backend), &[Type::Uuid, Type::Uuid], ids.clone()).await.unwrap();
        assert_eq!(made, RUNS.unsigned_abs());
        let states = "INSERT INTO flow_run_state (workspace_id, id, flow_run_id, state_type, name, timestamp, state_details)
            SELECT workspace_id, id, id, state_type, state_name, sort_time, '{}' FROM flow_run WHERE workspace_id = $1 AND id <> $2";
        probe.touched(states, &[Type::Uuid, Type::Uuid], ids).await.unwrap();
        if kit.backend == Backend::Postgres {
            probe.command("ANALYZE").await.unwrap();
        }
        let at = kit.enter(&ann, address).await;
        Self { kit: kit.clone(), probe, workspace: address.workspace, at, run }
    }

    /// How the database goes about a select.
    async fn plan(&mut self, built: Built) -> String {
        let (ask, row) = match self.kit.backend {
            Backend::Sqlite => {
                ("EXPLAIN QUERY PLAN", [Type::Big, Type::Big, Type::Big, Type::Text].map(Kind::of).to_vec())
            }
            Backend::Postgres => ("EXPLAIN", vec![Kind::of(Type::Text)]),
        };
        let lines = self.probe.rows(&format!("{ask} {}", built.text), &built.types, &row, built.values).await.unwrap();
        let line = |row: &Vec<Value>| match row.last() {
            Some(Value::Text(line)) => line.clone(),
            other => panic!("{other:?}"),
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    async fn plan_of(&mut self, table: &'static str, select: SelectStatement) -> String {
        let built = probe::built(self.workspace, table, select, self.kit.cx.db.is_embedded()).unwrap();
        self.plan(built).await
    }

    async fn plan_of_count(&mut self, select: SelectStatement) -> String {
        let most = MOST_COUNTED.unsigned_abs();
        let built = probe::counted(self.workspace, "flow_run", select, most, self.kit.cx.db.is_embedded()).unwrap();
        self.plan(built).await
    }
}

/// So many numbers, each with an id of its own.
fn numbers(backend: Backend) -> String {
    let id = match backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres => "gen_random_uuid()",
    };
    format!(
        "WITH RECURSIVE numbers (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {RUNS}),
         made (n, id) AS MATERIALIZED (SELECT n, {id} FROM numbers)"
    )
}

/// The run many times over, a second apart, in rare and in common states.
fn copies(backend: Backend) -> String {
    numbers(backend)
        + " INSERT INTO flow_run (workspace_id, id, name, flow_id, parameters, context, empirical_policy, tags, labels, auto_scheduled,
             state_id, state_type, state_name, state_timestamp, run_count, expected_start_time, total_run_time, created, updated)
         SELECT r.workspace_id, made.id, r.name, r.flow_id, r.parameters, r.context, r.empirical_policy, r.tags, r.labels, r.auto_scheduled,
             made.id,
             CASE WHEN n % 1000 = 0 THEN 'SCHEDULED' WHEN n % 100 = 1 THEN 'FAILED' WHEN n % 1000 = 2 THEN 'PAUSED' ELSE 'COMPLETED' END,
             CASE WHEN n % 2000 = 0 THEN 'Late' WHEN n % 1000 = 0 THEN 'AwaitingRetry' WHEN n % 100 = 1 THEN 'Failed'
                 WHEN n % 1000 = 2 THEN 'Paused' WHEN n % 1000 = 3 THEN 'Fine' ELSE 'Completed' END,
             r.state_timestamp, r.run_count, r.expected_start_time - n * 1000000, r.total_run_time, r.created, r.updated
         FROM made, flow_run r WHERE r.workspace_id = $1 AND r.id = $2"
}

/// As many lines, every thousandth of which tells of an error.
fn lines_of_a_run(backend: Backend) -> String {
    numbers(backend)
        + " INSERT INTO log (workspace_id, id, flow_run_id, name, level, message, timestamp, created)
         SELECT r.workspace_id, made.id, r.id, r.name, CASE WHEN n % 1000 = 0 THEN 40 ELSE 20 END, 'line', n, n
         FROM made, flow_run r WHERE r.workspace_id = $1 AND r.id = $2"
}

/// What is wrong with a plan, if something is. SQLite and PostgreSQL have words of their own; PostgreSQL rightly reads small tables whole.
fn complaint(plan: &str, may_sort: bool) -> Option<&str> {
    let crowded = |line: &&str| {
        ["flow_run ", "flow_run_state ", "log "].iter().any(|table| line.contains(&format!("Seq Scan on {table}")))
    };
    let reads_all = |line: &&str| crowded(line) || (line.contains("SCAN ") && !line.contains("SCAN counted"));
    let sorts = |line: &&str| line.contains("Sort") || line.contains("TEMP B-TREE");
    plan.lines().find(|line| reads_all(line) || (!may_sort && sorts(line)))
}

fn filter(types: &[StateType], names: &[&str], since: Since) -> RunFilter {
    RunFilter { types: types.to_vec(), names: names.iter().map(|name| (*name).to_owned()).collect(), since }
}

testkit::on_both! {
    async fn pages_of_runs_are_read_in_the_order_of_an_index(kit: Kit) {
        let mut crowd = Crowd::gather(&kit).await;
        let now = kit.cx.clock.now();
        let place = RunPlace { time: now.plus_micros(-5_000_000_000), id: crowd.run };
        let mut complaints = Vec::new();
        for since in [Since::Ever, Since::Last(600), Since::Between(None, Some(now.plus_micros(-19_000_000_000)))] {
            for (types, names) in [
                (&[][..], &[][..]),
                (&[StateType::Completed], &[]),
                (&[StateType::Failed, StateType::Running], &[]),
                (&[], &["Late", "AwaitingRetry"]),
                (&[], &["Fine", "Nothing"]),
                (&[], &["Paused"]),
                (&[StateType::Paused], &["Late"]),
            ] {
                let filter = filter(types, names, since);
                for cursor in [RunCursor::Newest, RunCursor::After(place), RunCursor::Before(place)] {
                    for select in select_run_list(&filter, now, cursor, RUNS_A_PAGE as u64 + 1) {
                        let plan = crowd.plan_of("flow_run", select).await;
                        complaints.extend(complaint(&plan, false).map(|line| format!("{line}\n{filter:?} {cursor:?}\n{plan}")));
                    }
                }
                let listed = crowd.plan_of("flow_run", select_listed(&filter, now, [crowd.run])).await;
                complaints.extend(complaint(&listed, true).map(|line| format!("{line}\n{filter:?}\n{listed}")));
            }
        }
        assert_eq!(complaints, [""; 0], "{}", complaints.join("\n\n"));
    }

    async fn counts_of_few_runs_look_at_few(kit: Kit) {
        let mut crowd = Crowd::gather(&kit).await;
        let now = kit.cx.clock.now();
        for filter in [
            filter(&[], &["Late"], Since::Last(100_000)),
            filter(&[], &["Fine", "Nothing"], Since::Ever),
            filter(&[StateType::Failed], &["Late"], Since::Last(600)),
            filter(&[], &[], Since::Last(60)),
        ] {
            for select in match_run_list(&filter, now) {
                let plan = crowd.plan_of_count(select).await;
                assert_eq!(complaint(&plan, true), None, "{filter:?}\n{plan}");
            }
        }
    }

    async fn counts_stop(kit: Kit) {
        let crowd = Crowd::gather(&kit).await;
        let most = MOST_COUNTED.unsigned_abs();
        for (types, names, since, total) in [
            (&[][..], &[][..], Since::Last(1_000_000), most),
            (&[StateType::Completed], &["Late"], Since::Last(1_000_000), most),
            (&[StateType::Failed], &["Fine"], Since::Last(1_000_000), 220),
            (&[StateType::Scheduled], &["Late", "Fine"], Since::Last(1_000_000), 40),
            (&[], &["Late", "Failed"], Since::Ever, 210),
        ] {
            let filter = filter(types, names, since);
            let list = run_list(&kit.cx, crowd.at, filter.clone(), RunCursor::Newest).await.unwrap();
            assert_eq!(list.total, total, "{filter:?}");
            let news = run_list_news(&kit.cx, crowd.at, filter.clone(), [crowd.run].into()).await.unwrap();
            assert_eq!(news.total, total, "{filter:?}");
        }
    }

    async fn few_errors_are_found_among_many_lines(kit: Kit) {
        let mut crowd = Crowd::gather(&kit).await;
        let ids = vec![Value::Uuid(crowd.workspace.0), Value::Uuid(crowd.run.0)];
        crowd.probe.touched(&lines_of_a_run(kit.backend), &[Type::Uuid, Type::Uuid], ids).await.unwrap();
        if kit.backend == Backend::Postgres {
            crowd.probe.command("ANALYZE").await.unwrap();
        }
        for entry in STATEMENTS.iter().filter(|entry| entry.name.ends_with("_LOUD_LINES")) {
            let types = (entry.params)().iter().map(|kind| kind.ty).collect::<Vec<_>>();
            let figures = types[2..].iter().map(|_| Value::Big(40));
            let values = [Value::Uuid(crowd.workspace.0), Value::Uuid(crowd.run.0)].into_iter().chain(figures).collect();
            let plan = crowd.plan(Built { text: (entry.sqlite)().to_owned(), types, values }).await;
            assert_eq!(complaint(&plan, false), None, "{}\n{plan}", entry.name);
            assert!(plan.contains("log_of_flow_run_loud"), "{}\n{plan}", entry.name);
        }
        for (level, total) in [(0, MOST_COUNTED.unsigned_abs()), (30, 20), (40, 20), (50, 0)] {
            let view = RunView { level, ..RunView::default() };
            assert_eq!(run(&kit.cx, crowd.at, crowd.run, view).await.unwrap().lines.total, total, "{level}");
        }
    }

    async fn the_orders_that_clients_ask_for_have_an_index(kit: Kit) {
        use FlowRunSort::{ExpectedStartTimeAsc, ExpectedStartTimeDesc, IdDesc, StartTimeAsc, StartTimeDesc};
        let mut crowd = Crowd::gather(&kit).await;
        let page = Page::default();
        for sort in [IdDesc, StartTimeAsc, StartTimeDesc, ExpectedStartTimeAsc, ExpectedStartTimeDesc] {
            let query = FlowRunQuery { sort, ..FlowRunQuery::default() };
            let plan = crowd.plan_of("flow_run", select_flow_runs(&query, page)).await;
            assert_eq!(complaint(&plan, false), None, "{sort:?}\n{plan}");
        }
        // A client that runs a subflow looks for an earlier run of it.
        let parent = json!({"parent_task_run_id": {"any_": [Uuid::nil()]}});
        let (named, cancelling) = (json!({"id": {"any_": [Uuid::nil()]}}), json!({"state": {"name": {"any_": ["Stopping"]}}}));
        for (filter, sort, index) in [
            (&parent, ExpectedStartTimeAsc, "flow_run_of_parent"),
            (&parent, StartTimeDesc, "flow_run_of_parent"),
            (&named, StartTimeDesc, "flow_run"),
            (&cancelling, StartTimeDesc, "flow_run_by_name"),
        ] {
            let query = of(json!({"flow_runs": filter, "sort": sort, "limit": 1}));
            let plan = crowd.plan_of("flow_run", select_flow_runs(&query, page)).await;
            assert_eq!(complaint(&plan, true), None, "{filter} {sort:?}\n{plan}");
            assert!(plan.contains(index), "{filter} {sort:?}\n{plan}");
            let walked = ["flow_run_by_time", "flow_run_by_expected_start"].into_iter().find(|index| plan.contains(index));
            assert_eq!(walked, None, "{filter} {sort:?}\n{plan}");
        }
        let query: TaskRunQuery = of(json!({"task_runs": {"id": {"any_": [TaskRunId::from(Uuid::nil())]}}, "sort": TaskRunSort::IdDesc}));
        let plan = crowd.plan_of("task_run", select_task_runs(&query, page)).await;
        assert_eq!(complaint(&plan, true), None, "{plan}");
    }
}
