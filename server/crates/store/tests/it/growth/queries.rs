//! Combinations of conditions that clients and pages send: the Python clients 2.20.26 and 3.8.8 with their commands, the pages that come
//! with the reference, and those of Provost. Their filters of deployments, work pools and work queues are left out until those objects
//! exist.

use serde_json::{Value as Json, json};

use super::{
    cases::{Case, Cases, Matches, NOTHING, SOME},
    rows::{FEW, Rows, Shape, time},
};

const ALL: Matches = Matches::All;
const ONE: Matches = Matches::Exactly(1);

/// The bodies of one noun's queries, each in one workspace.
struct Queries(Cases);

impl Queries {
    fn new(count: i64) -> (Self, Rows, Rows) {
        let cases = Cases::new("", count);
        let (paired, grouped) = (cases.rows(Shape::Paired), cases.rows(Shape::Grouped));
        (Self(cases), paired, grouped)
    }

    fn paired(&mut self, sender: &str, matches: Matches, body: Json) {
        self.0.body(sender, Shape::Paired, matches, body);
    }

    fn grouped(&mut self, sender: &str, matches: Matches, body: Json) {
        self.0.body(sender, Shape::Grouped, matches, body);
    }
}

/// The interval in which all runs of a workspace have started.
fn ever(rows: Rows) -> Json {
    json!({"after_": time(0), "before_": time(rows.count + 1)})
}

pub fn flow_runs(count: i64) -> Vec<Case> {
    let (mut queries, paired, grouped) = Queries::new(count);
    flow_runs_of_clients(&mut queries, paired, grouped);
    flow_runs_of_lists(&mut queries, paired);
    flow_runs_of_other_pages(&mut queries, paired, grouped);
    queries.0.finish()
}

fn flow_runs_of_clients(queries: &mut Queries, paired: Rows, grouped: Rows) {
    let newest = "EXPECTED_START_TIME_DESC";
    queries.paired("flow-run ls", ALL, json!({"sort": newest, "limit": 15}));
    for (group, matches) in [(1, SOME), (2, ALL)] {
        let flow = json!({"name": {"any_": [grouped.name("flow", group)]}});
        queries.grouped("flow-run ls --flow-name", matches, json!({"flows": flow, "sort": newest, "limit": 15}));
    }
    for (group, matches) in [(1, SOME), (2, NOTHING)] {
        let flow = json!({"name": {"any_": [grouped.name("flow", group)]}});
        let failed = json!({"state": {"type": {"any_": ["FAILED"]}}});
        let body = json!({"flows": flow, "flow_runs": failed, "sort": newest, "limit": 15});
        queries.grouped("flow-run ls --flow-name --state-type", matches, body);
    }
    for (name, matches) in [("Late", NOTHING), ("Fine", SOME), ("Completed", ALL)] {
        let state = json!({"state": {"name": {"any_": [name]}}});
        queries.paired("flow-run ls --state", matches, json!({"flow_runs": state, "sort": newest, "limit": 15}));
    }
    let both = json!({"state": {"name": {"any_": ["Fine"]}, "type": {"any_": ["COMPLETED"]}}});
    queries.paired("flow-run ls --state --state-type", SOME, json!({"flow_runs": both, "sort": newest, "limit": 15}));
    let named = json!({"name": {"any_": [paired.name("run", 42)]}});
    queries.paired("flow-run inspect", ONE, json!({"flow_runs": named, "sort": "ID_DESC", "limit": 100}));
    let parent = json!({"parent_task_run_id": {"any_": [paired.id(2)]}});
    queries.paired("subflow engine", ONE, json!({"flow_runs": parent, "sort": newest, "limit": 1}));
    let children = json!({"parent_flow_run_id": {"any_": [grouped.id(1)]}});
    queries.grouped("wait for submitted runs", SOME, json!({"flow_runs": children, "sort": "ID_DESC"}));
    let running = || json!({"any_": paired.ids(paired.few())});
    for state in [
        json!({"type": {"any_": ["CANCELLED"]}, "name": {"any_": ["Cancelling"]}}),
        json!({"type": {"any_": ["CANCELLING"]}}),
        json!({"type": {"any_": ["PAUSED"]}, "name": {"any_": ["Suspended"]}}),
    ] {
        let of_runner = json!({"state": state, "id": running()});
        queries.paired("runner", NOTHING, json!({"flow_runs": of_runner, "sort": "ID_DESC"}));
        let of_worker = json!({"state": state, "id": {"not_any_": []}});
        queries.paired("worker", NOTHING, json!({"flow_runs": of_worker, "sort": "ID_DESC"}));
    }
}

fn flow_runs_of_lists(queries: &mut Queries, paired: Rows) {
    let newest = "START_TIME_DESC";
    let list = |filter: Json| json!({"flow_runs": filter, "sort": newest, "limit": 10});
    let (started, parents) = (ever(paired), json!({"operator": "and_", "is_null_": true}));
    queries.paired("runs, without subflows", ALL, list(json!({"start_time": started, "parent_task_run_id": parents})));
    for (part, matches) in [("zzz", NOTHING), ("few", SOME), ("run", ALL)] {
        queries.paired("runs, by name", matches, list(json!({"start_time": started, "name": {"like_": part}})));
    }
    for (names, matches) in [
        (json!(["Failed", "Crashed", "TimedOut"]), SOME),
        (json!(["Scheduled", "Late", "AwaitingRetry"]), NOTHING),
        (json!(["Completed", "Cached", "RolledBack", "Failed"]), ALL),
    ] {
        let filter = json!({"start_time": started, "state": {"operator": "or_", "name": {"any_": names}}});
        queries.paired("runs, by state", matches, list(filter));
    }
    for (tags, matches) in [(["common", "few"], SOME), (["common", "absent"], NOTHING), (["common", "common"], ALL)] {
        let filter = json!({"start_time": started, "tags": {"operator": "and_", "all_": tags}});
        queries.paired("runs, by tags", matches, list(filter));
    }
    // The few runs that have failed are subflow runs.
    for (types, matches) in [(json!(["FAILED", "CRASHED"]), NOTHING), (json!(["COMPLETED"]), ALL)] {
        let filter = json!({"operator": "and_", "start_time": started, "state": {"type": {"any_": types}},
            "tags": {"any_": ["common"]}, "parent_task_run_id": parents});
        queries.paired("dashboard", matches, json!({"flow_runs": filter, "sort": newest, "limit": 3}));
    }
}

fn flow_runs_of_other_pages(queries: &mut Queries, paired: Rows, grouped: Rows) {
    let newest = "START_TIME_DESC";
    let list = |filter: Json| json!({"flow_runs": filter, "sort": newest, "limit": 10});
    for (group, matches) in [(1, SOME), (2, ALL)] {
        let flow = json!({"operator": "and_", "id": {"any_": [grouped.id(group)]}});
        let body = json!({"flows": flow, "flow_runs": {"start_time": {"is_null_": false}}, "sort": newest, "limit": 1});
        // Few runs of the workspace have not started.
        queries.grouped("flow, last run", matches, body);
        let body = json!({"flows": flow, "flow_runs": {"start_time": ever(grouped)}, "sort": newest, "limit": 10});
        queries.grouped("flow, runs", matches, body);
    }
    let due = json!({"expected_start_time": {"before_": time(paired.count + 1)}});
    queries.paired("last run", ALL, json!({"flow_runs": due, "sort": "EXPECTED_START_TIME_DESC", "limit": 1}));
    let scheduled = json!({"state": {"name": {"any_": ["Scheduled"]}}});
    queries.paired("next run", NOTHING, json!({"flow_runs": scheduled, "sort": "EXPECTED_START_TIME_ASC", "limit": 1}));
    let of_deployment = |n| json!({"deployment_id": {"any_": [paired.id(n)]}, "state": {"name": {"any_": ["Completed", "Failed", "Running"]}}});
    queries.paired("deployment, runs", SOME, list(of_deployment(1)));
    queries.paired("deployment, runs", ALL, list(of_deployment(2)));
    let of_task = json!({"task_runs": {"id": {"any_": [paired.id(2)]}}, "sort": "ID_DESC"});
    queries.paired("parent run", ONE, of_task);
    let active = json!({"parent_flow_run_id": {"any_": [grouped.id(1)]}, "state": {"type": {"any_": ["RUNNING", "SCHEDULED", "PENDING", "PAUSED"]}}});
    queries.grouped("cancel subflows", NOTHING, json!({"flow_runs": active, "sort": newest, "limit": 100}));
    let named = json!({"parent_flow_run_id": {"any_": [grouped.id(1)]}, "name": {"like_": "few"}});
    queries.grouped("subflow runs, by name", SOME, json!({"flow_runs": named, "sort": newest, "limit": 10}));
    let several = json!({"operator": "or_", "id": {"any_": paired.ids(paired.few())}});
    queries.paired("runs by id", SOME, json!({"flow_runs": several, "sort": "NAME_DESC"}));
}

pub fn task_runs(count: i64) -> Vec<Case> {
    let (mut queries, paired, grouped) = Queries::new(count);
    let newest = "EXPECTED_START_TIME_DESC";
    queries.paired("task-run ls", ALL, json!({"sort": newest, "limit": 15}));
    let named = json!({"name": {"any_": [paired.name("task", 2)]}, "state": {"type": {"any_": ["FAILED"]}}});
    queries.paired(
        "task-run ls --task-run-name --state-type",
        ONE,
        json!({"task_runs": named, "sort": newest, "limit": 15}),
    );
    for (group, matches) in [(1, SOME), (2, ALL)] {
        let run = json!({"id": {"any_": [grouped.id(group)]}});
        queries.grouped("flow run, number of tasks", matches, json!({"flow_runs": run, "sort": "ID_DESC"}));
        queries.grouped(
            "flow run, tasks",
            matches,
            json!({"flow_runs": run, "task_runs": {"name": {"like_": "task"}}, "sort": newest, "limit": 20}),
        );
        let own = json!({"operator": "and_", "flow_run_id": {"operator": "and_", "any_": [grouped.id(group)], "is_null_": false}});
        queries.grouped("flow run, tasks by key", matches, json!({"task_runs": own, "sort": newest, "limit": 20}));
    }
    let failed = json!({"state": {"type": {"any_": ["FAILED"]}}});
    let run = json!({"id": {"any_": [grouped.id(2)]}});
    queries.grouped(
        "flow run, failed tasks",
        NOTHING,
        json!({"flow_runs": run, "task_runs": failed, "sort": newest, "limit": 20}),
    );
    let dashboard = |types: Json| {
        json!({"task_runs": {"subflow_runs": {"exists_": false}, "start_time": ever(paired), "state": {"type": {"any_": types}}},
            "flow_runs": {"operator": "and_", "tags": {"any_": ["common"]}, "parent_task_run_id": {"is_null_": true}}, "sort": "ID_DESC"})
    };
    queries.paired("dashboard, completed tasks", ALL, dashboard(json!(["COMPLETED"])));
    queries.paired("dashboard, failed tasks", NOTHING, dashboard(json!(["FAILED", "CRASHED"])));
    let started = json!({"flow_runs": {"start_time": ever(paired)}, "task_runs": {"name": {"like_": "few"}}, "sort": newest, "limit": 10});
    queries.paired("task runs, by name", SOME, started);
    let several = json!({"task_runs": {"id": {"any_": paired.ids(paired.few())}}, "sort": "ID_DESC"});
    queries.paired("task runs by id", SOME, several);
    queries.0.finish()
}

pub fn logs(count: i64) -> Vec<Case> {
    let (mut queries, _, grouped) = Queries::new(count);
    for (group, matches) in [(1, SOME), (2, ALL)] {
        let run = json!({"flow_run_id": {"any_": [grouped.id(group)]}});
        queries.grouped("flow-run logs --reverse", matches, json!({"logs": run, "sort": "TIMESTAMP_DESC"}));
        let leveled = json!({"flow_run_id": {"any_": [grouped.id(group)]}, "level": {"ge_": 0}});
        queries.grouped("flow run, logs", matches, json!({"logs": leveled, "sort": "TIMESTAMP_ASC"}));
        let of_task = json!({"task_run_id": {"any_": [grouped.id(group)]}, "level": {"ge_": 0}});
        queries.grouped("task run, logs", matches, json!({"logs": of_task, "sort": "TIMESTAMP_ASC"}));
    }
    for (group, matches) in [(1, SOME), (2, NOTHING)] {
        let errors = json!({"flow_run_id": {"any_": [grouped.id(group)]}, "level": {"ge_": 40}});
        queries.grouped("flow run, errors", matches, json!({"logs": errors, "sort": "TIMESTAMP_ASC"}));
    }
    let later = json!({"flow_run_id": {"any_": [grouped.id(2)]}, "timestamp": {"after_": time(FEW)}});
    queries.grouped("followed logs", ALL, json!({"logs": later, "sort": "TIMESTAMP_ASC"}));
    queries.0.finish()
}

pub fn artifacts(count: i64) -> Vec<Case> {
    let (mut queries, paired, grouped) = Queries::new(count);
    queries.paired("artifact ls --all", ALL, json!({"sort": "KEY_ASC", "limit": 100}));
    let key = json!({"key": {"any_": [paired.name("key", 2)]}});
    queries.paired("Artifact.get", ONE, json!({"artifacts": key, "sort": "UPDATED_DESC", "limit": 1}));
    let key = json!({"key": {"any_": ["key-same"]}});
    queries.grouped("Artifact.get", ALL, json!({"artifacts": key, "sort": "UPDATED_DESC", "limit": 1}));
    queries.grouped("versions of a key", ALL, json!({"artifacts": key, "sort": "CREATED_DESC", "limit": 10}));
    for key in ["flow_run_id", "task_run_id"] {
        for (group, matches) in [(1, SOME), (2, NOTHING)] {
            let of_run = json!({key: {"any_": [grouped.id(group)]}, "type": {"not_any_": ["result"]}});
            queries.grouped("artifacts of a run", matches, json!({"artifacts": of_run, "sort": "ID_DESC"}));
        }
    }
    let result = json!({"task_run_id": {"any_": [grouped.id(2)]}, "type": {"any_": ["result"]}});
    queries.grouped("result of a task run", ALL, json!({"artifacts": result, "sort": "CREATED_DESC", "limit": 1}));
    let several = json!({"artifacts": {"id": {"any_": paired.ids(paired.few())}}, "sort": "CREATED_DESC"});
    queries.paired("artifacts by id", SOME, several);
    queries.0.finish()
}

pub fn artifact_collections(count: i64) -> Vec<Case> {
    let (mut queries, ..) = Queries::new(count);
    queries.paired("artifact ls", ALL, json!({"sort": "KEY_ASC", "limit": 100}));
    queries.paired("artifacts", ALL, json!({"artifacts": {"key": {"exists_": true, "like_": ""}}, "sort": "ID_DESC"}));
    for (part, matches) in [("zzz", NOTHING), ("few", SOME), ("key", ALL)] {
        let keys = json!({"key": {"exists_": true, "like_": part}});
        queries.paired("artifacts, by key", matches, json!({"artifacts": keys, "sort": "ID_DESC"}));
    }
    for (types, matches) in [("table", SOME), ("result", ALL), ("image", NOTHING)] {
        let typed = json!({"key": {"exists_": true, "like_": ""}, "type": {"any_": [types]}});
        queries.paired("artifacts, by type", matches, json!({"artifacts": typed, "sort": "UPDATED_DESC"}));
    }
    queries.0.finish()
}

pub fn flows(count: i64) -> Vec<Case> {
    let (mut queries, paired, _) = Queries::new(count);
    queries.paired("flow ls", ALL, json!({"sort": "CREATED_DESC", "limit": 15}));
    let of_runs = json!({"id": {"any_": paired.ids(paired.few())}});
    queries.paired("flows of runs", SOME, json!({"flows": of_runs, "sort": "NAME_ASC"}));
    let named = json!({"name": {"any_": [paired.name("flow", 2)]}});
    queries.paired("flow by name", ONE, json!({"flows": named, "sort": "NAME_ASC"}));
    for (part, matches) in [("zzz", NOTHING), ("few", SOME), ("flow", ALL)] {
        let filter = json!({"name": {"like_": part}, "tags": {"operator": "and_", "all_": ["common"]}});
        queries.paired("flows, by name and tags", matches, json!({"flows": filter, "sort": "NAME_ASC", "limit": 10}));
    }
    queries.0.finish()
}
