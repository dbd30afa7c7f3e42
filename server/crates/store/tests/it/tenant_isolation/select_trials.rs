//! Trials of selects that are built at run time: each builder with filters that use all tables that it may read.

use model::{
    artifact::ArtifactKind,
    filter::query::{ArtifactCollectionQuery, ArtifactQuery, FlowQuery, FlowRunQuery, TaskRunQuery},
    id::{FlowRunId, WorkspaceId},
    log::LogQuery,
    page::Page,
    screen::{ArtifactListFilter, RunCursor, RunSortKey},
    time::Timestamp,
};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use store::{
    db::Location,
    filter::{LatestArtifacts, List, Window},
    screen::ListedRuns,
    testing::{ListRecorder, RecordedSelect},
    value::Value,
};

use super::{Record, Trial};
use crate::{plain, populated::from_json};

/// Filters of runs and task runs, with two tags. Each matches a row of the populated workspace.
fn filters(first: &str, second: &str) -> Vec<Json> {
    vec![
        json!({}),
        json!({"name": {"like_": "IL"}}),
        json!({"name": {"like_": "CHILD"}}),
        json!({"tags": {"all_": [first, second]}}),
        json!({"tags": {"operator": "or_", "all_": [first], "any_": [second]}}),
        json!({"tags": {"is_null_": false}}),
        json!({"operator": "or_", "name": {"any_": ["child"]}, "tags": {"any_": [first, "none"]}}),
        json!({"operator": "or_", "state": {"operator": "or_", "type": {"any_": ["COMPLETED", "FAILED"]}, "name": {"any_": ["Late"]}},
            "id": {"any_": []}}),
    ]
}

/// Collects trials.
pub struct TrialCollector {
    /// One reads a few rows by an index and sorts them, the other walks the list's order, as for many rows.
    recorders: [ListRecorder; 2],
    trials: Vec<Trial>,
}

impl TrialCollector {
    async fn open(location: &Location, workspace: WorkspaceId) -> Self {
        let few = ListRecorder::open(location, workspace, None).await.unwrap();
        let many = ListRecorder::open(location, workspace, Some(0)).await.unwrap();
        Self { recorders: [few, many], trials: Vec::new() }
    }

    fn add(&mut self, name: &str, selects: Vec<RecordedSelect>) {
        self.trials.extend(selects.into_iter().map(|select| trial(name, select)));
    }

    async fn add_list<L: List>(&mut self, name: &str, query: &L, window: Window) {
        for at in 0..self.recorders.len() {
            let selects = self.recorders[at].list(query, window).await.unwrap().selects;
            self.add(name, selects);
        }
    }

    async fn add_count<L: List>(&mut self, name: &str, query: &L, limit: Option<u64>) {
        for at in 0..self.recorders.len() {
            let selects = self.recorders[at].count(query, limit).await.unwrap().selects;
            self.add(name, selects);
        }
    }

    /// The list and the count of a query with each of these filters.
    pub async fn add_filters<L: List + DeserializeOwned>(
        &mut self,
        key: &str,
        filters: impl IntoIterator<Item = Json>,
    ) {
        self.add_each::<L>(filters.into_iter().map(|filter| json!({key: filter}))).await;
    }

    /// The list and the count of each query.
    async fn add_each<L: List + DeserializeOwned>(&mut self, queries: impl IntoIterator<Item = Json>) {
        for json in queries {
            let query: L = from_json(json.clone());
            self.add_list(&format!("{} {json}", L::TABLE), &query, Window::Page(Page::default())).await;
            self.add_count(&format!("count {} {json}", L::TABLE), &query, None).await;
        }
    }
}

pub async fn trials(location: &Location, workspace: WorkspaceId, rows: &[Record]) -> Vec<Trial> {
    let mut collector = TrialCollector::open(location, workspace).await;
    let each = |key: &'static str, filters: Vec<Json>| filters.into_iter().map(move |filter| json!({key: filter}));
    let tagged = || vec![json!({"tags": {"all_": ["nightly", "weekly"]}}), json!({"tags": {"is_null_": false}})];
    let named = json!({"operator": "or_", "name": {"like_": "TEST"}, "id": {"any_": []}});
    let by_runs = [json!({"flow_runs": {"tags": {"any_": ["red"]}}, "task_runs": {"name": {"like_": "IL"}}})];
    let by_flows = || [json!({"flows": {"tags": {"any_": ["nightly"]}}, "flow_runs": {"tags": {"any_": ["red"]}}})];

    let flows = each("flows", [tagged(), vec![json!({}), named]].concat());
    collector.add_each::<FlowQuery>(flows.chain(by_runs)).await;

    let children = json!({"operator": "or_", "parent_task_run_id": {"is_null_": false}, "id": {"any_": []}});
    let subflows = json!({"operator": "or_", "parent_flow_run_id": {"any_": flow_runs_of(rows)}, "id": {"any_": []}});
    let by_task_runs = [json!({"task_runs": {"state": {"type": {"any_": ["FAILED"]}}}})];
    let runs = each("flow_runs", [filters("red", "hot"), vec![children, subflows]].concat());
    collector.add_each::<FlowRunQuery>(runs.chain(each("flows", tagged())).chain(by_task_runs)).await;

    let parents = [true, false].map(|exist| json!({"subflow_runs": {"exists_": exist}})).to_vec();
    let tasks = each("task_runs", [filters("blue", "cold"), parents].concat());
    collector.add_each::<TaskRunQuery>(tasks.chain(by_flows())).await;

    let logs = each(
        "logs",
        vec![json!({}), json!({"operator": "or_", "level": {"ge_": 20}, "task_run_id": {"is_null_": true}})],
    );
    collector.add_each::<LogQuery>(logs).await;

    plain::try_selects(&mut collector).await;

    let artifacts =
        || vec![json!({}), json!({"operator": "or_", "key": {"like_": "rep"}, "type": {"any_": ["result"]}})];
    let keys = each("artifacts", vec![json!({"key": {"like_": "REP"}})]);
    collector.add_each::<ArtifactQuery>(keys).await;
    let by_tags = |nouns: &[(&str, &str)]| -> Json {
        nouns.iter().map(|(noun, tag)| ((*noun).to_owned(), json!({"tags": {"any_": [tag]}}))).collect()
    };
    let by_runs = || [by_tags(&[("flow_runs", "red"), ("flows", "nightly")]), by_tags(&[("task_runs", "blue")])];
    collector.add_each::<ArtifactQuery>(each("artifacts", artifacts()).chain(by_runs())).await;
    collector.add_each::<ArtifactCollectionQuery>(each("artifacts", artifacts()).chain(by_runs())).await;

    for kind in [None, Some(ArtifactKind::Markdown)] {
        // A part of a key, of a description, and of the name of the flow, which made one artifact by a flow run and one by a task run.
        for search in ["", "EPO", "OW WATE", "TEST"] {
            let filter = ArtifactListFilter { kind, search: search.to_owned() };
            let name = format!("page of artifacts {kind:?}");
            let query = LatestArtifacts(filter);
            collector.add_list(&name, &query, Window::Page(Page::default())).await;
            collector.add_count(&format!("count: {name}"), &query, Some(100)).await;
        }
    }
    run_lists(&mut collector, rows).await;
    collector.trials
}

async fn run_lists(collector: &mut TrialCollector, rows: &[Record]) {
    let runs = flow_runs_of(rows);
    let place = |micros| RunSortKey { time: Timestamp::from_micros(micros), id: runs[0] };
    let states = json!({"start_time": {"after_": "2020-01-01T00:00:00Z"}, "state": {"operator": "or_",
        "type": {"any_": ["RUNNING", "PENDING", "FAILED", "COMPLETED"]}, "name": {"any_": ["Fine"]}}});
    for filter in [json!({}), states, json!({"id": {"any_": &runs}})] {
        let query = ListedRuns(from_json(json!({"flow_runs": &filter})));
        for cursor in [RunCursor::Newest, RunCursor::After(place(i64::MAX)), RunCursor::Before(place(0))] {
            collector.add_list(&format!("run list {filter} {cursor:?}"), &query, Window::Cursor(cursor, 50)).await;
        }
        collector.add_count(&format!("run count {filter}"), &query, Some(100)).await;
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
fn trial(name: &str, RecordedSelect { built, row }: RecordedSelect) -> Trial {
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
