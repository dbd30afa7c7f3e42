//! The cases of each noun's own filter.

use serde_json::json;

use super::{
    cases::{Case, Cases, Matches, NOTHING, SOME},
    rows::{NO_GROUP, Shape},
};

/// The times that ascend in another order than the rows' numbers begin at 0.
const SHUFFLED: i64 = 0;
const IN_ORDER: i64 = 1;

/// The workspaces in which all flow runs are subflow runs, and in which few are.
const SUBFLOWS: [Shape; 2] = [Shape::Sparse, Shape::Paired];

pub fn flow_runs(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("flow_runs", count);
    let (paired, grouped) = (cases.rows(Shape::Paired), cases.rows(Shape::Grouped));
    let [few, common, absent] = ["few", "common", "absent"].map(|text| json!(text));
    let [first, second, third] = [1, 2, NO_GROUP].map(|n| json!(paired.id(n)));
    cases.any_id("id.any_", Shape::Paired);
    cases.not_any_id("id.not_any_");
    cases.any_text("name.any_", "run");
    cases.add("name.any_", Shape::Blank, Matches::All, json!(["run-same"]));
    cases.like("name.like_", "run");
    cases.tags();
    cases.any_group("deployment_id.any_", &first, &second, &third);
    cases.is_null("deployment_id.is_null_", true);
    cases.any_group("work_queue_name.any_", &few, &common, &absent);
    cases.is_null("work_queue_name.is_null_", true);
    cases.states();
    cases.any_group("flow_version.any_", &few, &common, &absent);
    cases.not_any_group("flow_version.not_any_", &few, &common, &absent);
    // The few rows at either end of the order by start time.
    for end in ["first", "last"] {
        cases.add("flow_version.any_", Shape::Grouped, SOME, json!([end]));
    }
    cases.times("start_time", IN_ORDER);
    cases.is_null("start_time.is_null_", true);
    cases.times("end_time", SHUFFLED);
    cases.is_null("end_time.is_null_", true);
    cases.times("expected_start_time", IN_ORDER);
    cases.times("next_scheduled_start_time", SHUFFLED);
    for (parent, matches) in [(1, SOME), (2, Matches::All), (NO_GROUP, NOTHING)] {
        cases.add("parent_flow_run_id.any_", Shape::Grouped, matches, grouped.ids([parent]));
    }
    cases.add("parent_flow_run_id.any_", Shape::Paired, SOME, paired.ids(paired.few()));
    cases.any_id("parent_task_run_id.any_", Shape::Sparse);
    cases.is_null_in(SUBFLOWS, "parent_task_run_id.is_null_", true);
    cases.any_group("idempotency_key.any_", &few, &common, &absent);
    cases.not_any_group("idempotency_key.not_any_", &few, &common, &absent);
    cases.any_group("created_by.id_", &first, &second, &third);
    cases.any_group("created_by.type_", &few, &common, &absent);
    cases.is_null("created_by.is_null_", true);
    cases.finish()
}

pub fn task_runs(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("task_runs", count);
    cases.any_id("id.any_", Shape::Paired);
    cases.not_any_id("id.not_any_");
    cases.any_text("name.any_", "task");
    cases.add("name.any_", Shape::Blank, Matches::All, json!(["task-same"]));
    cases.like("name.like_", "task");
    cases.tags();
    cases.states();
    cases.times("start_time", IN_ORDER);
    cases.is_null("start_time.is_null_", true);
    cases.times("end_time", SHUFFLED);
    cases.is_null("end_time.is_null_", true);
    cases.times("expected_start_time", IN_ORDER);
    cases.any_reference("flow_run_id.any_");
    cases.is_null("flow_run_id.is_null_", true);
    cases.is_null_in(SUBFLOWS, "subflow_runs.exists_", false);
    cases.finish()
}

pub fn logs(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("logs", count);
    for (condition, level, matches) in [
        ("level.ge_", 50, NOTHING),
        ("level.ge_", 40, SOME),
        ("level.ge_", 10, Matches::All),
        ("level.le_", 5, NOTHING),
        ("level.le_", 10, SOME),
        ("level.le_", 40, Matches::All),
    ] {
        cases.add(condition, Shape::Paired, matches, json!(level));
    }
    cases.times("timestamp", IN_ORDER);
    cases.any_reference("flow_run_id.any_");
    cases.not_any_reference("flow_run_id.not_any_");
    cases.any_reference("task_run_id.any_");
    cases.is_null("task_run_id.is_null_", true);
    for (query, matches) in [("zzz", NOTHING), ("few", SOME), ("line", Matches::All)] {
        cases.add("text", Shape::Paired, matches, json!({ "query": query }));
    }
    cases.finish()
}

pub fn artifacts(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("artifacts", count);
    cases.any_id("id.any_", Shape::Paired);
    cases.not_any_id("id.not_any_");
    cases.any_text("key.any_", "key");
    cases.add("key.any_", Shape::Grouped, Matches::All, json!(["key-same"]));
    cases.add("key.any_", Shape::Sparse, SOME, json!(["key-same"]));
    cases.like("key.like_", "key");
    cases.add("key.like_", Shape::Sparse, SOME, json!("same"));
    cases.is_null("key.exists_", false);
    artifact_origins(&mut cases);
    cases.finish()
}

pub fn artifact_collections(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("artifacts", count);
    cases.any_id("latest_id.any_", Shape::Paired);
    cases.not_any_id("latest_id.not_any_");
    cases.any_text("key.any_", "key");
    cases.like("key.like_", "key");
    // A collection has a key.
    cases.add("key.exists_", Shape::Paired, NOTHING, json!(false));
    cases.add("key.exists_", Shape::Paired, Matches::All, json!(true));
    artifact_origins(&mut cases);
    cases.finish()
}

fn artifact_origins(cases: &mut Cases) {
    for key in ["flow_run_id", "task_run_id"] {
        cases.any_reference(&format!("{key}.any_"));
        cases.not_any_reference(&format!("{key}.not_any_"));
    }
    let [few, common, absent] = ["table", "result", "absent"].map(|text| json!(text));
    cases.any_group("type.any_", &few, &common, &absent);
    cases.not_any_group("type.not_any_", &few, &common, &absent);
}

pub fn flows(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("flows", count);
    cases.any_id("id.any_", Shape::Paired);
    cases.not_any_id("id.not_any_");
    cases.any_text("name.any_", "flow");
    cases.like("name.like_", "flow");
    cases.tags();
    cases.finish()
}
