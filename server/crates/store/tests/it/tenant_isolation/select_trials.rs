//! Selects that are built at run time, as trials: each builder of the program with filters that use every table it may look into.

use model::{
    filter::{flow::FlowQuery, flow_run::FlowRunQuery, log::LogQuery, task_run::TaskRunQuery},
    id::{FlowRunId, WorkspaceId},
    page::Page,
    screen::{RunCursor, RunFilter, RunPlace, Since},
    state::StateType,
    time::Timestamp,
};
use sea_query::SelectStatement;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use store::{
    filter::{
        ListedRun, count_flow_runs, match_run_list, select_flow_runs, select_flows, select_listed, select_logs,
        select_run_list, select_task_runs,
    },
    flow::FlowRow,
    flow_run::FlowRunWithState,
    log::LogRow,
    probe::{Built, built, counted},
    row::Row,
    task_run::TaskRunWithState,
    value::{Kind, Type, Value},
};

use super::{Record, Trial};
use crate::furnished::of;

/// What runs and task runs with these two tags are tried with; each lets something of the furnished workspace through.
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

/// A builder's selects over a table, by what they are called.
struct Builder {
    embedded: bool,
    workspace: WorkspaceId,
    trials: Vec<Trial>,
}

impl Builder {
    fn add<R: Row>(&mut self, name: &str, table: &'static str, select: SelectStatement) {
        let built = built(self.workspace, table, select, self.embedded).unwrap();
        self.trials.push(trial(name, built, R::kinds()));
    }

    fn add_each<Q: DeserializeOwned, R: Row>(
        &mut self,
        table: &'static str,
        questions: impl IntoIterator<Item = Json>,
        build: impl Fn(&Q) -> SelectStatement,
    ) {
        for question in questions {
            self.add::<R>(&format!("{table} {question}"), table, build(&of(question)));
        }
    }
}

pub fn trials(embedded: bool, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
    let mut builder = Builder { embedded, workspace, trials: Vec::new() };
    let page = Page::default;
    let each = |key: &'static str, filters: Vec<Json>| filters.into_iter().map(move |filter| json!({key: filter}));

    let tagged = || vec![json!({"tags": {"all_": ["nightly", "weekly"]}}), json!({"tags": {"is_null_": false}})];
    let named = json!({"operator": "or_", "name": {"like_": "TEST"}, "id": {"any_": []}});
    let flows = each("flows", [tagged(), vec![json!({}), named]].concat());
    builder.add_each::<FlowQuery, FlowRow>("flow", flows, |query| select_flows(query, page()));

    let children = json!({"operator": "or_", "parent_task_run_id": {"is_null_": false}, "id": {"any_": []}});
    let filters_of_runs = [filters("red", "hot"), vec![children]].concat();
    let runs: Vec<Json> = each("flow_runs", filters_of_runs).chain(each("flows", tagged())).collect();
    builder
        .add_each::<FlowRunQuery, FlowRunWithState>("flow_run", runs.clone(), |query| select_flow_runs(query, page()));
    for question in runs {
        builder.add::<(i64,)>(&format!("count {question}"), "flow_run", count_flow_runs(&of(question)));
    }

    let subflows = [true, false].map(|exist| json!({"subflow_runs": {"exists_": exist}})).to_vec();
    let tasks = each("task_runs", [filters("blue", "cold"), subflows].concat());
    builder.add_each::<TaskRunQuery, TaskRunWithState>("task_run", tasks, |query| select_task_runs(query, page()));

    let logs = each(
        "logs",
        vec![json!({}), json!({"operator": "or_", "level": {"ge_": 20}, "task_run_id": {"is_null_": true}})],
    );
    builder.add_each::<LogQuery, LogRow>("log", logs, |query| select_logs(query, page()));

    run_lists(&mut builder, rows);
    builder.trials
}

fn run_lists(builder: &mut Builder, rows: &[Record]) {
    let ever = Timestamp::from_micros(0);
    let runs: Vec<FlowRunId> = rows.iter().filter_map(flow_run_of).collect();
    let far = |micros| RunPlace { time: Timestamp::from_micros(micros), id: runs[0] };
    let states = RunFilter {
        types: vec![StateType::Running, StateType::Pending],
        names: vec!["Fine".to_owned()],
        since: Since::Between(Some(ever), None),
    };
    for filter in [RunFilter::default(), states] {
        for cursor in [RunCursor::Newest, RunCursor::After(far(i64::MAX)), RunCursor::Before(far(0))] {
            for (part, select) in select_run_list(&filter, ever, cursor, 50).into_iter().enumerate() {
                builder.add::<ListedRun>(&format!("run list {filter:?} {cursor:?} {part}"), "flow_run", select);
            }
        }
        let listed = select_listed(&filter, ever, runs.iter().copied());
        builder.add::<ListedRun>(&format!("listed {filter:?}"), "flow_run", listed);
        for (part, select) in match_run_list(&filter, ever).into_iter().enumerate() {
            let count = counted(builder.workspace, "flow_run", select, 100, builder.embedded).unwrap();
            builder.trials.push(trial(&format!("run count {filter:?} {part}"), count, vec![Kind::of(Type::Big)]));
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

/// As a statement of the house is written: names without quotes, parameters with numbers.
fn trial(name: &str, built: Built, row: Vec<Kind>) -> Trial {
    let mut text = String::new();
    let mut number = 0;
    for letter in built.text.chars().filter(|letter| *letter != '"') {
        text.push(if letter == '?' { '$' } else { letter });
        if letter == '?' {
            number += 1;
            text.push_str(&number.to_string());
        }
    }
    Trial { name: name.to_owned(), intact: text.clone(), text, types: built.types, values: built.values, row }
}
