//! Query plans for long lists of runs: the databases must read them from an index, in its order.

use control::{
    access::Workspace,
    flow, flow_run,
    screen::{run, run_list, run_list_update},
};
use engine::api_version::Client;
use model::{
    filter::query::{FlowRunQuery, TaskRunQuery},
    flow_run::FlowRunSort,
    id::{FlowRunId, TaskRunId, WorkspaceId},
    page::Page,
    permission::{ReadRuns, WriteRuns},
    screen::{MAX_COUNT, RUNS_PER_PAGE, RunCursor, RunFilter, RunSortKey, RunView, Since},
    state::StateType,
    task_run::TaskRunSort,
    time::Timestamp,
};
use serde_json::{Value as Json, json};
use store::{
    filter::{List, Window},
    screen::ListedRuns,
    statement::STATEMENTS,
    testing::{BuiltSelect, ListRecorder, RawConnection, RecordedSelect},
    value::{Kind, Type, Value},
};
use testkit::{Backend, TestApp};
use uuid::Uuid;

use crate::populated::from_json;

const RUNS: i64 = 20_000;

/// A workspace with so many runs that a database prefers an index to a scan.
struct ManyRuns {
    app: TestApp,
    connection: RawConnection,
    workspace: WorkspaceId,
    access: Workspace<ReadRuns>,
    /// The run that the others are copies of.
    run: FlowRunId,
}

impl ManyRuns {
    async fn create(app: &TestApp) -> Self {
        let ann = app.person("ann").await;
        let address = app.workspace(&ann, "many").await;
        let write: Workspace<WriteRuns> = app.authorize(&ann, address).await;
        let flow = flow::create(&app.cx, write, from_json(json!({"name": "busy"}))).await.unwrap().value;
        let run = json!({"flow_id": flow.id, "state": {"type": "COMPLETED"}});
        let run = flow_run::create(&app.cx, write, from_json(run), Client::default()).await.unwrap().value.id;
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        let ids = vec![Value::Uuid(address.workspace.0), Value::Uuid(run.0)];
        let inserted = connection.touched(&copies(app.backend), &[Type::Uuid, Type::Uuid], ids.clone()).await.unwrap();
        assert_eq!(inserted, RUNS.unsigned_abs());
        let states = "INSERT INTO flow_run_state (workspace_id, id, flow_run_id, state_type, name, timestamp, state_details)
            SELECT workspace_id, id, id, state_type, state_name, sort_time, '{}' FROM flow_run WHERE workspace_id = $1 AND id <> $2";
        connection.touched(states, &[Type::Uuid, Type::Uuid], ids).await.unwrap();
        if app.backend == Backend::Postgres {
            connection.command("ANALYZE").await.unwrap();
        }
        let access = app.authorize(&ann, address).await;
        Self { app: app.clone(), connection, workspace: address.workspace, access, run }
    }

    /// The database's plan for a select.
    async fn plan(&mut self, built: BuiltSelect) -> String {
        let (explain, row) = match self.app.backend {
            Backend::Sqlite => {
                ("EXPLAIN QUERY PLAN", [Type::Big, Type::Big, Type::Big, Type::Text].map(Kind::of).to_vec())
            }
            Backend::Postgres => ("EXPLAIN", vec![Kind::of(Type::Text)]),
        };
        let lines =
            self.connection.rows(&format!("{explain} {}", built.text), &built.types, &row, built.values).await.unwrap();
        let line = |row: &Vec<Value>| match row.last() {
            Some(Value::Text(line)) => line.clone(),
            other => panic!("{other:?}"),
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The plans of the selects that read a list.
    async fn plans_of_list<L: List>(&mut self, query: &L, window: Window) -> Vec<String> {
        let mut recorder = ListRecorder::open(&self.app.location, self.workspace, None).await.unwrap();
        let selects = recorder.list(query, window).await.unwrap().selects;
        self.plans(selects).await
    }

    /// The plans of the selects that count a list.
    async fn plans_of_count<L: List>(&mut self, query: &L) -> Vec<String> {
        let mut recorder = ListRecorder::open(&self.app.location, self.workspace, None).await.unwrap();
        let selects = recorder.count(query, Some(MAX_COUNT.unsigned_abs())).await.unwrap().selects;
        self.plans(selects).await
    }

    async fn plans(&mut self, selects: Vec<RecordedSelect>) -> Vec<String> {
        let mut plans = Vec::new();
        for select in selects {
            plans.push(format!("{}\n{}", self.plan(select.built.clone()).await, select.built.text));
        }
        plans
    }
}

/// Common table expressions with [`RUNS`] numbers, each with a new id.
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

/// Copies of the run, a second apart, in rare and in common states.
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

/// Schedules nearly all runs for later than `now`, the time of the run.
const PLAN_MOST: &str = "UPDATE flow_run SET state_type = 'SCHEDULED', state_name = 'Scheduled',
     expected_start_time = expected_start_time + 30000000000
     WHERE workspace_id = $1 AND id <> $2 AND state_name = 'Completed'";

/// [`RUNS`] log lines of the run, every thousandth with the level of an error.
fn lines_of_a_run(backend: Backend) -> String {
    numbers(backend)
        + " INSERT INTO log (workspace_id, id, flow_run_id, name, level, message, timestamp, created)
         SELECT r.workspace_id, made.id, r.id, r.name, CASE WHEN n % 1000 = 0 THEN 40 ELSE 20 END, 'line', n, n
         FROM made, flow_run r WHERE r.workspace_id = $1 AND r.id = $2"
}

/// The first line of a plan that scans a large table, or sorts more than rows whose ids are known. PostgreSQL may scan small tables.
fn defect(plan: &str) -> Option<&str> {
    let may_sort = plan.contains("\"id\" IN (");
    let scans_large = |line: &&str| {
        ["flow_run ", "flow_run_state ", "log "].iter().any(|table| line.contains(&format!("Seq Scan on {table}")))
    };
    let scans = |line: &&str| scans_large(line) || (line.contains("SCAN ") && !line.contains("SCAN counted"));
    let sorts = |line: &&str| line.contains("Sort") || line.contains("TEMP B-TREE");
    plan.lines().find(|line| scans(line) || (!may_sort && sorts(line)))
}

/// Whether an index finds the runs by their time.
fn bounds_the_time(plan: &str) -> bool {
    let is_bound = |line: &str| {
        ["sort_time<?", "sort_time>?", "(sort_time,id)>(", "sort_time <", "sort_time >"]
            .iter()
            .any(|text| line.contains(text))
    };
    plan.lines().any(|line| (line.contains("SEARCH flow_run") || line.contains("Index Cond")) && is_bound(line))
}

/// The list of the page of runs.
fn listed(types: &[StateType], names: &[&str], start_time: Option<&Json>) -> ListedRuns {
    let state = json!({"operator": "or_", "type": {"any_": types}, "name": {"any_": names}});
    let state = Some(state).filter(|_| !types.is_empty() || !names.is_empty());
    ListedRuns(from_json(json!({"flow_runs": {"state": state, "start_time": start_time}})))
}

fn filter(types: &[StateType], names: &[&str], since: Since) -> RunFilter {
    RunFilter { types: types.to_vec(), names: names.iter().map(|name| (*name).to_owned()).collect(), since }
}

testkit::on_both! {
    async fn pages_of_runs_are_read_in_index_order(app: TestApp) {
        let mut many = ManyRuns::create(&app).await;
        let now = app.cx.clock.now();
        let place = RunSortKey { time: now.plus_micros(-5_000_000_000), id: many.run };
        let mut defects = Vec::new();
        let last_minutes = json!({"after_": now.plus_micros(-600_000_000)});
        let long_ago = json!({"before_": now.plus_micros(-19_000_000_000)});
        for time in [None, Some(last_minutes), Some(long_ago)] {
            for (types, names) in [
                (&[][..], &[][..]),
                (&[StateType::Completed], &[]),
                (&[StateType::Failed, StateType::Running], &[]),
                (&[], &["Late", "AwaitingRetry"]),
                (&[], &["Fine", "Nothing"]),
                (&[], &["Paused"]),
                (&[StateType::Paused], &["Late"]),
            ] {
                let query = listed(types, names, time.as_ref());
                for cursor in [RunCursor::Newest, RunCursor::After(place), RunCursor::Before(place)] {
                    for plan in many.plans_of_list(&query, Window::Cursor(cursor, RUNS_PER_PAGE as u64 + 1)).await {
                        defects.extend(defect(&plan).map(|line| format!("{line}\n{query:?} {cursor:?}\n{plan}")));
                    }
                }
            }
        }
        assert_eq!(defects, [""; 0], "{}", defects.join("\n\n"));
    }

    async fn counts_of_few_runs_read_an_index(app: TestApp) {
        let mut many = ManyRuns::create(&app).await;
        let now = app.cx.clock.now();
        let last = |seconds: i64| Some(json!({"after_": now.plus_micros(-seconds * 1_000_000)}));
        for query in [
            listed(&[], &["Late"], last(100_000).as_ref()),
            listed(&[], &["Fine", "Nothing"], None),
            listed(&[StateType::Failed], &["Late"], last(600).as_ref()),
            listed(&[], &[], last(60).as_ref()),
        ] {
            for plan in many.plans_of_count(&query).await {
                assert_eq!(defect(&plan), None, "{query:?}\n{plan}");
            }
        }
    }

    async fn counts_stop_at_their_limit(app: TestApp) {
        let many = ManyRuns::create(&app).await;
        let limit = MAX_COUNT.unsigned_abs();
        for (types, names, since, total) in [
            (&[][..], &[][..], Since::Last(1_000_000), limit),
            (&[StateType::Completed], &["Late"], Since::Last(1_000_000), limit),
            (&[StateType::Failed], &["Fine"], Since::Last(1_000_000), 220),
            (&[StateType::Scheduled], &["Late", "Fine"], Since::Last(1_000_000), 40),
            (&[], &["Late", "Failed"], Since::Ever, 210),
        ] {
            let filter = filter(types, names, since);
            let list = run_list(&app.cx, many.access, filter.clone(), RunCursor::Newest).await.unwrap();
            assert_eq!(list.total, total, "{filter:?}");
            let update = run_list_update(&app.cx, many.access, filter.clone(), [many.run].into()).await.unwrap();
            assert_eq!(update.total, total, "{filter:?}");
        }
    }

    async fn many_planned_runs_are_not_read_to_find_others(app: TestApp) {
        let mut many = ManyRuns::create(&app).await;
        let ids = vec![Value::Uuid(many.workspace.0), Value::Uuid(many.run.0)];
        let planned = many.connection.touched(PLAN_MOST, &[Type::Uuid, Type::Uuid], ids).await.unwrap();
        let limit = MAX_COUNT.unsigned_abs();
        assert!(planned > limit);
        if app.backend == Backend::Postgres {
            many.connection.command("ANALYZE").await.unwrap();
        }
        let now = app.cx.clock.now();
        let (ahead, due) = (json!({"after_": now.plus_micros(1)}), json!({"before_": now}));
        let others: Vec<_> = StateType::ALL.into_iter().filter(|ty| *ty != StateType::Scheduled).collect();
        let present = RunSortKey { time: now, id: FlowRunId(Uuid::max()) };
        for (types, time, cursor) in [
            (&[][..], &due, RunCursor::Newest),
            (&others, &ahead, RunCursor::Newest),
            (&others, &ahead, RunCursor::Before(present)),
            (&[StateType::Scheduled], &ahead, RunCursor::Before(present)),
        ] {
            let query = listed(types, &[], Some(time));
            for plan in many.plans_of_list(&query, Window::Cursor(cursor, RUNS_PER_PAGE as u64 + 1)).await {
                assert_eq!(defect(&plan), None, "{query:?} {cursor:?}\n{plan}");
                // The index finds the first row: it walks past none.
                assert!(plan.contains("\"id\" IN (") || bounds_the_time(&plan), "{query:?} {cursor:?}\n{plan}");
            }
        }
        // The page of the first run reads the earliest run of each state of which a client has taken the run.
        let begun: Vec<_> = others.iter().copied().filter(|ty| *ty != StateType::Cancelled).collect();
        let start = RunSortKey { time: Timestamp::EARLIEST, id: FlowRunId(Uuid::nil()) };
        let query = listed(&begun, &["AwaitingRetry", "Resuming"], None);
        for plan in many.plans_of_list(&query, Window::Cursor(RunCursor::Before(start), 1)).await {
            assert_eq!(defect(&plan), None, "{plan}");
            let indexes = ["flow_run_by_state", "flow_run_by_custom_state", "\"id\" IN ("];
            assert!(indexes.iter().any(|index| plan.contains(index)), "{plan}");
        }
        // The runs of this workspace that the counters know are not these, so the list has bounds.
        let filter = filter(&[], &[], Since::Between(Some(Timestamp::EARLIEST), None));
        let list = run_list(&app.cx, many.access, filter.clone(), RunCursor::Newest).await.unwrap();
        assert_eq!((list.total, list.planned.total), (RUNS.unsigned_abs() + 1 - planned, limit));
        let update = run_list_update(&app.cx, many.access, filter, [many.run].into()).await.unwrap();
        assert_eq!((update.total, update.planned), (list.total, list.planned));
    }

    async fn few_errors_are_found_among_many_lines(app: TestApp) {
        let mut many = ManyRuns::create(&app).await;
        let ids = vec![Value::Uuid(many.workspace.0), Value::Uuid(many.run.0)];
        many.connection.touched(&lines_of_a_run(app.backend), &[Type::Uuid, Type::Uuid], ids).await.unwrap();
        if app.backend == Backend::Postgres {
            many.connection.command("ANALYZE").await.unwrap();
        }
        for entry in STATEMENTS.iter().filter(|entry| entry.name.ends_with("_WARNING_LINES")) {
            let types = (entry.params)().iter().map(|kind| kind.ty).collect::<Vec<_>>();
            let figures = types[2..].iter().map(|_| Value::Big(40));
            let values = [Value::Uuid(many.workspace.0), Value::Uuid(many.run.0)].into_iter().chain(figures).collect();
            let plan = many.plan(BuiltSelect { text: (entry.sqlite)().to_owned(), types, values }).await;
            assert_eq!(defect(&plan), None, "{}\n{plan}", entry.name);
            // PostgreSQL knows that all loud lines are of this run.
            let loud = ["log_of_flow_run_loud", "log_by_level"];
            assert!(loud.iter().any(|index| plan.contains(index)), "{}\n{plan}", entry.name);
        }
        for (level, total) in [(0, MAX_COUNT.unsigned_abs()), (30, 20), (40, 20), (50, 0)] {
            let view = RunView { level, ..RunView::default() };
            assert_eq!(run(&app.cx, many.access, many.run, view).await.unwrap().lines.total, total, "{level}");
        }
    }

    async fn errors_and_subflow_runs_of_a_page_have_an_index(app: TestApp) {
        let mut many = ManyRuns::create(&app).await;
        let (workspace, run) = (Value::Uuid(many.workspace.0), Value::Uuid(many.run.0));
        let text = lines_of_a_run(app.backend);
        many.connection.touched(&text, &[Type::Uuid, Type::Uuid], vec![workspace.clone(), run.clone()]).await.unwrap();
        if app.backend == Backend::Postgres {
            many.connection.command("ANALYZE").await.unwrap();
        }
        for (name, index) in [
            ("LAST_OWN_ERROR", "log_of_flow_run_loud"),
            ("LAST_ERROR_OF_TASK_RUN", "log_of_task_run"),
            ("FIRST_ERROR_OF_TASK_RUN", "log_of_task_run"),
            ("SUBFLOW_RUNS_OF_TASK_RUNS", "flow_run_of_parent"),
            ("COUNT_SUBFLOW_RUNS", "flow_run_of_parent_run"),
        ] {
            let entry = STATEMENTS.iter().find(|entry| entry.name == name).unwrap();
            let text = if app.backend == Backend::Sqlite { (entry.sqlite)() } else { (entry.postgres)() };
            let types = (entry.params)().iter().map(|kind| kind.ty).collect::<Vec<_>>();
            let value = |ty: &Type| match ty {
                Type::Uuid => run.clone(),
                Type::Text => Value::Text(json!([many.run]).to_string()),
                _ => Value::Big(40),
            };
            let values = [workspace.clone()].into_iter().chain(types[1..].iter().map(value)).collect();
            let plan = many.plan(BuiltSelect { text: text.to_owned(), types, values }).await;
            assert!(plan.contains(index), "{name}\n{plan}");
        }
    }

    async fn sort_orders_that_clients_use_have_an_index(app: TestApp) {
        use FlowRunSort::{ExpectedStartTimeAsc, ExpectedStartTimeDesc, IdDesc, StartTimeAsc, StartTimeDesc};
        let mut many = ManyRuns::create(&app).await;
        let page = Window::Page(Page::default());
        for sort in [IdDesc, StartTimeAsc, StartTimeDesc, ExpectedStartTimeAsc, ExpectedStartTimeDesc] {
            let query = FlowRunQuery { sort, ..FlowRunQuery::default() };
            for plan in many.plans_of_list(&query, page).await {
                assert_eq!(defect(&plan), None, "{sort:?}\n{plan}");
            }
        }
        // A client that starts a subflow searches for an earlier run of it.
        let parent = json!({"parent_task_run_id": {"any_": [Uuid::nil()]}});
        let (named, cancelling) = (json!({"id": {"any_": [Uuid::nil()]}}), json!({"state": {"name": {"any_": ["Stopping"]}}}));
        for (filter, sort, index) in [
            (&parent, ExpectedStartTimeAsc, "flow_run_of_parent"),
            (&parent, StartTimeDesc, "flow_run_of_parent"),
            (&named, StartTimeDesc, "flow_run"),
            (&cancelling, StartTimeDesc, "flow_run_by_state_name"),
        ] {
            let query: FlowRunQuery = from_json(json!({"flow_runs": filter, "sort": sort, "limit": 1}));
            let plans = many.plans_of_list(&query, page).await;
            for plan in &plans {
                assert_eq!(defect(plan), None, "{filter} {sort:?}\n{plan}");
            }
            assert!(plans.iter().any(|plan| plan.contains(index)), "{filter} {sort:?}\n{plans:?}");
        }
        let query: TaskRunQuery = from_json(json!({"task_runs": {"id": {"any_": [TaskRunId::from(Uuid::nil())]}}, "sort": TaskRunSort::IdDesc}));
        for plan in many.plans_of_list(&query, page).await {
            assert_eq!(defect(&plan), None, "{plan}");
        }
    }
}
