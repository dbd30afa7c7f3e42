//! TrialCollector of selects that are built at run time: each builder with filters that use all tables that it may read.

use model::{
    filter::{flow::FlowQuery, flow_run::FlowRunQuery, log::LogQuery, task_run::TaskRunQuery},
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
    filter::{
        ListedRun, count_flow_runs, select_flow_runs, select_flows, select_logs, select_matching_runs, select_run_list,
        select_run_list_ids, select_task_runs,
    },
    flow::FlowRow,
    flow_run::FlowRunWithState,
    log::LogRow,
    row::Row,
    task_run::TaskRunWithState,
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

    fn add_each<Q: DeserializeOwned, R: Row>(
        &mut self,
        table: &'static str,
        queries: impl IntoIterator<Item = Json>,
        build: impl Fn(&Q) -> SelectStatement,
    ) {
        for query in queries {
            self.add::<R>(&format!("{table} {query}"), table, build(&from_json(query)));
        }
    }
}

pub fn trials(embedded: bool, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
    let mut collector = TrialCollector { embedded, workspace, trials: Vec::new() };
    let page = Page::default;
    let each = |key: &'static str, filters: Vec<Json>| filters.into_iter().map(move |filter| json!({key: filter}));

    let tagged = || vec![json!({"tags": {"all_": ["nightly", "weekly"]}}), json!({"tags": {"is_null_": false}})];
    let named = json!({"operator": "or_", "name": {"like_": "TEST"}, "id": {"any_": []}});
    let flows = each("flows", [tagged(), vec![json!({}), named]].concat());
    collector.add_each::<FlowQuery, FlowRow>("flow", flows, |query| select_flows(query, page()));

    let children = json!({"operator": "or_", "parent_task_run_id": {"is_null_": false}, "id": {"any_": []}});
    let filters_of_runs = [filters("red", "hot"), vec![children]].concat();
    let runs: Vec<Json> = each("flow_runs", filters_of_runs).chain(each("flows", tagged())).collect();
    collector
        .add_each::<FlowRunQuery, FlowRunWithState>("flow_run", runs.clone(), |query| select_flow_runs(query, page()));
    for query in runs {
        collector.add::<(i64,)>(&format!("count {query}"), "flow_run", count_flow_runs(&from_json(query)));
    }

    let subflows = [true, false].map(|exist| json!({"subflow_runs": {"exists_": exist}})).to_vec();
    let tasks = each("task_runs", [filters("blue", "cold"), subflows].concat());
    collector.add_each::<TaskRunQuery, TaskRunWithState>("task_run", tasks, |query| select_task_runs(query, page()));

    let logs = each(
        "logs",
        vec![json!({}), json!({"operator": "or_", "level": {"ge_": 20}, "task_run_id": {"is_null_": true}})],
    );
    collector.add_each::<LogQuery, LogRow>("log", logs, |query| select_logs(query, page()));

    run_lists(&mut collector, rows);
    collector.trials
}

fn run_lists(collector: &mut TrialCollector, rows: &[Record]) {
    let ever = Timestamp::from_micros(0);
    let runs: Vec<FlowRunId> = rows.iter().filter_map(flow_run_of).collect();
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
