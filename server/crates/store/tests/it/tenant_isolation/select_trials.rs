//! TrialCollector of selects that are built at run time: each builder with filters that use all tables that it may read.

use model::{
    filter::query::{
        ArtifactCollectionQuery, ArtifactQuery, FlowQuery, FlowRunQuery, LogQuery, TaskRunQuery, VariableQuery,
    },
    id::{FlowRunId, WorkspaceId},
    page::Page,
    screen::{RunCursor, RunFilter, RunSortKey, Since},
    state::StateType,
    time::Timestamp,
};
use sea_query::SelectStatement;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use store::{
    filter::{List, ListedRun, count, select, select_matching_runs, select_run_list, select_run_list_ids},
    row::Row,
    testing::{BuiltSelect, build_count, build_select},
    value::{Kind, Type, Value},
};

use super::{Record, Trial};
use crate::populated::from_json;

/// Filters of runs and task runs, with two tags. Each matches a row of the populated workspace.
fn filters(first: &str, second: &str) -> Vec<Json> {
    vec![
        json!({}),
        json!({"name": {"like_": "IL"}}),
        json!({"tags": {"all_": [first, second]}}),
        json!({"tags": {"operator": "or_", "all_": [first], "any_": [second]}}),
        json!({"tags": {"is_null_": false}}),
        json!({"operator": "or_", "name": {"any_": ["child"]}, "tags": {"any_": [first, "none"]}}),
        json!({"operator": "or_", "state": {"operator": "or_", "type": {"any_": ["COMPLETED", "FAILED"]}, "name": {"any_": ["Late"]}},
            "id": {"any_": []}}),
    ]
}

/// Collects trials.
struct TrialCollector {
    embedded: bool,
    workspace: WorkspaceId,
    trials: Vec<Trial>,
}

impl TrialCollector {
    fn add<R: Row>(&mut self, name: &str, table: &'static str, select: SelectStatement) {
        let built = build_select(self.workspace, table, select, self.embedded).unwrap();
        self.trials.push(trial(name, built, R::kinds()));
    }

    /// The list and the count of each query.
    fn add_each<L: List + DeserializeOwned>(&mut self, queries: impl IntoIterator<Item = Json>) {
        for json in queries {
            let query: L = from_json(json.clone());
            self.add::<L::Row>(&format!("{} {json}", L::TABLE), L::TABLE, select(&query, Page::default()));
            self.add::<(i64,)>(&format!("count {} {json}", L::TABLE), L::TABLE, count(&query));
        }
    }
}

pub fn trials(embedded: bool, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
    let mut collector = TrialCollector { embedded, workspace, trials: Vec::new() };
    let each = |key: &'static str, filters: Vec<Json>| filters.into_iter().map(move |filter| json!({key: filter}));
    let tagged = || vec![json!({"tags": {"all_": ["nightly", "weekly"]}}), json!({"tags": {"is_null_": false}})];
    let named = json!({"operator": "or_", "name": {"like_": "TEST"}, "id": {"any_": []}});
    let by_runs = [json!({"flow_runs": {"tags": {"any_": ["red"]}}, "task_runs": {"name": {"like_": "IL"}}})];
    let by_flows = || [json!({"flows": {"tags": {"any_": ["nightly"]}}, "flow_runs": {"tags": {"any_": ["red"]}}})];

    let flows = each("flows", [tagged(), vec![json!({}), named]].concat());
    collector.add_each::<FlowQuery>(flows.chain(by_runs));

    let children = json!({"operator": "or_", "parent_task_run_id": {"is_null_": false}, "id": {"any_": []}});
    let subflows = json!({"operator": "or_", "parent_flow_run_id": {"any_": flow_runs_of(rows)}, "id": {"any_": []}});
    let by_task_runs = [json!({"task_runs": {"state": {"type": {"any_": ["FAILED"]}}}})];
    let runs = each("flow_runs", [filters("red", "hot"), vec![children, subflows]].concat());
    collector.add_each::<FlowRunQuery>(runs.chain(each("flows", tagged())).chain(by_task_runs));

    let parents = [true, false].map(|exist| json!({"subflow_runs": {"exists_": exist}})).to_vec();
    let tasks = each("task_runs", [filters("blue", "cold"), parents].concat());
    collector.add_each::<TaskRunQuery>(tasks.chain(by_flows()));

    let logs = each(
        "logs",
        vec![json!({}), json!({"operator": "or_", "level": {"ge_": 20}, "task_run_id": {"is_null_": true}})],
    );
    collector.add_each::<LogQuery>(logs);

    let variables = [json!({}), json!({"tags": {"all_": ["nightly"]}}), json!({"value": {"like_": "25"}})];
    collector.add_each::<VariableQuery>(each("variables", variables.to_vec()));

    let artifacts =
        || vec![json!({}), json!({"operator": "or_", "key": {"like_": "rep"}, "type": {"any_": ["result"]}})];
    let by_tags = |nouns: &[(&str, &str)]| -> Json {
        nouns.iter().map(|(noun, tag)| ((*noun).to_owned(), json!({"tags": {"any_": [tag]}}))).collect()
    };
    let by_runs = || [by_tags(&[("flow_runs", "red"), ("flows", "nightly")]), by_tags(&[("task_runs", "blue")])];
    collector.add_each::<ArtifactQuery>(each("artifacts", artifacts()).chain(by_runs()));
    collector.add_each::<ArtifactCollectionQuery>(each("artifacts", artifacts()).chain(by_runs()));

    run_lists(&mut collector, rows);
    collector.trials
}

fn run_lists(collector: &mut TrialCollector, rows: &[Record]) {
    let ever = Timestamp::from_micros(0);
    let runs = flow_runs_of(rows);
    let place = |micros| RunSortKey { time: Timestamp::from_micros(micros), id: runs[0] };
    let states = RunFilter {
        types: vec![StateType::Running, StateType::Pending],
        names: vec!["Fine".to_owned()],
        since: Since::Between(Some(ever), None),
    };
    for filter in [RunFilter::default(), states] {
        for cursor in [RunCursor::Newest, RunCursor::After(place(i64::MAX)), RunCursor::Before(place(0))] {
            for (part, select) in select_run_list(&filter, ever, cursor, 50).into_iter().enumerate() {
                collector.add::<ListedRun>(&format!("run list {filter:?} {cursor:?} {part}"), "flow_run", select);
            }
        }
        let listed = select_matching_runs(&filter, ever, runs.iter().copied());
        collector.add::<ListedRun>(&format!("listed {filter:?}"), "flow_run", listed);
        for (part, select) in select_run_list_ids(&filter, ever).into_iter().enumerate() {
            let count = build_count(collector.workspace, "flow_run", select, 100, collector.embedded).unwrap();
            collector.trials.push(trial(&format!("run count {filter:?} {part}"), count, vec![Kind::of(Type::Big)]));
        }
    }
}

fn flow_runs_of(rows: &[Record]) -> Vec<FlowRunId> {
    rows.iter().filter_map(flow_run_of).collect()
}

/// The flow run that a state belongs to.
fn flow_run_of(row: &Record) -> Option<FlowRunId> {
    match (row.get("flow_run_id"), row.get("state_details")) {
        (Some(Value::Uuid(id)), Some(_)) => Some(FlowRunId(*id)),
        _ => None,
    }
}

/// Rewrites a built text in the style of the program's statements: names without quotes, numbered parameters.
fn trial(name: &str, built: BuiltSelect, row: Vec<Kind>) -> Trial {
    let mut text = String::new();
    let mut number = 0;
    for letter in built.text.chars().filter(|letter| *letter != '"') {
        text.push(if letter == '?' { '$' } else { letter });
        if letter == '?' {
            number += 1;
            text.push_str(&number.to_string());
        }
    }
    Trial { name: name.to_owned(), original: text.clone(), text, types: built.types, values: built.values, row }
}
