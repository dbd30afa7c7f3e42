//! Conditions on related objects, one of each kind.

use serde_json::json;

use super::{
    cases::{Case, Cases, Matches, NOTHING, SOME},
    rows::{NO_GROUP, Shape, absent_id, time},
};

pub fn flow_runs(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("flows", count);
    paired(&mut cases, "flow");
    groups(&mut cases);
    group_names(&mut cases, "flow");
    let mut cases = cases.of("task_runs");
    paired(&mut cases, "task");
    paired_runs(&mut cases);
    // All task runs of a tag, or in a state, belong to one flow run.
    cases.add("tags.any_", Shape::Grouped, Matches::Exactly(1), json!(["few"]));
    cases.add("state.type.any_", Shape::Grouped, Matches::Exactly(1), json!(["FAILED"]));
    cases.add("flow_run_id.any_", Shape::Grouped, Matches::Exactly(1), json!([cases.rows(Shape::Grouped).id(2)]));
    cases.finish()
}

pub fn task_runs(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("flow_runs", count);
    paired(&mut cases, "run");
    paired_runs(&mut cases);
    groups(&mut cases);
    group_names(&mut cases, "run");
    let mut cases = cases.of("flows");
    paired(&mut cases, "flow");
    cases.finish()
}

pub fn flows(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("flow_runs", count);
    paired(&mut cases, "run");
    paired_runs(&mut cases);
    // All runs of a tag, or in a state, belong to one flow.
    cases.add("tags.any_", Shape::Grouped, Matches::Exactly(1), json!(["few"]));
    cases.add("state.type.any_", Shape::Grouped, Matches::Exactly(1), json!(["FAILED"]));
    let mut cases = cases.of("task_runs");
    paired(&mut cases, "task");
    paired_runs(&mut cases);
    cases.finish()
}

/// The cases of artifacts, and of the newest of each key.
pub fn artifacts(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("flow_runs", count);
    paired(&mut cases, "run");
    paired_runs(&mut cases);
    groups(&mut cases);
    group_names(&mut cases, "run");
    let mut cases = cases.of("task_runs");
    paired(&mut cases, "task");
    paired_runs(&mut cases);
    groups(&mut cases);
    let mut cases = cases.of("flows");
    paired(&mut cases, "flow");
    cases.finish()
}

/// Related objects of which each has one row.
fn paired(cases: &mut Cases, noun: &str) {
    let rows = cases.rows(Shape::Paired);
    cases.add("id.any_", Shape::Paired, NOTHING, json!([absent_id()]));
    cases.add("id.any_", Shape::Paired, SOME, rows.ids(rows.few()));
    cases.add("name.any_", Shape::Paired, NOTHING, json!(["absent"]));
    cases.add("name.any_", Shape::Paired, SOME, rows.few_names(noun));
    for (part, matches) in [("zzz", NOTHING), ("few", SOME), (noun, Matches::All)] {
        cases.add("name.like_", Shape::Paired, matches, json!(part));
    }
    for (tag, matches) in [("absent", NOTHING), ("few", SOME), ("common", Matches::All)] {
        cases.add("tags.any_", Shape::Paired, matches, json!([tag]));
    }
}

/// The same for flow runs and task runs.
fn paired_runs(cases: &mut Cases) {
    for (state, matches) in [("CRASHED", NOTHING), ("FAILED", SOME), ("COMPLETED", Matches::All)] {
        cases.add("state.type.any_", Shape::Paired, matches, json!([state]));
    }
    for (name, matches) in [("Nowhere", NOTHING), ("Fine", SOME), ("Completed", Matches::All)] {
        cases.add("state.name.any_", Shape::Paired, matches, json!([name]));
    }
    for (at, matches) in [(cases.rows(Shape::Paired).count + 1, NOTHING), (1, Matches::All)] {
        cases.add("start_time.after_", Shape::Paired, matches, time(at));
    }
}

/// Related objects of which two have all rows.
fn groups(cases: &mut Cases) {
    let rows = cases.rows(Shape::Grouped);
    for (group, matches) in GROUPS {
        cases.add("id.any_", Shape::Grouped, matches, rows.ids([group]));
    }
}

fn group_names(cases: &mut Cases, noun: &str) {
    let rows = cases.rows(Shape::Grouped);
    for (group, matches) in GROUPS {
        cases.add("name.any_", Shape::Grouped, matches, json!([rows.name(noun, group)]));
    }
}

const GROUPS: [(i64, Matches); 3] = [(1, SOME), (2, Matches::All), (NO_GROUP, NOTHING)];
