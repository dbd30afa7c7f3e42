//! Kinds of objects that refer to no others: how a row is created, the selects of its list, and how its list grows.

use control::{access::WorkspaceRef, variable};
use model::variable::{VariableFilter, VariableQuery};
use serde_json::json;
use testkit::{TestApp, TestUser};

use crate::{
    growth::{
        bench::Bench,
        cases::{Case, Cases, Matches, NOTHING, SOME},
        covers,
        fill::{Dialect, Insert},
        rows::Shape,
        tables::{ALL, tag_list, tags},
    },
    populated::from_json,
    tenant_isolation::select_trials::TrialCollector,
};

/// Creates an object of each kind.
pub async fn create(app: &TestApp, person: &TestUser, workspace: WorkspaceRef) {
    let colour = from_json(json!({"name": "colour", "value": {"r": 255}, "tags": ["nightly", "warm"]}));
    variable::create(&app.cx, app.authorize(person, workspace).await, colour).await.unwrap();
}

/// Tries lists whose filters use all tables that they may read. Each matches the object.
pub async fn try_selects(collector: &mut TrialCollector) {
    let variables = [json!({}), json!({"tags": {"all_": ["nightly"]}}), json!({"value": {"like_": "25"}})];
    collector.add_filters::<VariableQuery>("variables", variables).await;
}

/// Measures each list as the history grows.
pub async fn measure(bench: &mut Bench) {
    bench.measure::<VariableQuery>("variables", &[variables, variable_queries]).await;
}

/// Checks that each condition which a filter declares is measured.
pub fn check_cases() {
    covers::<VariableQuery, VariableFilter>("variables", variables);
}

/// The statements that fill a workspace.
pub fn inserts(sql: Dialect) -> Vec<Insert> {
    let value = match sql.rows.shape {
        Shape::Paired => format!("'\"' || {} || '\"'", sql.name("value")),
        _ => "'\"value-same\"'".to_owned(),
    };
    let variables = sql.insert(
        "variable",
        ALL,
        &[
            ("id", &sql.id("n")),
            ("name", &sql.name("variable")),
            ("value", &value),
            ("tags", &tag_list(sql)),
            ("created", &sql.time()),
            ("updated", &sql.shuffled_time()),
        ],
    );
    [vec![variables], tags(sql, "variable_tag", "variable_id")].into_iter().flatten().collect()
}

fn variables(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("variables", count);
    cases.any_id("id.any_", Shape::Paired);
    cases.not_any_id("id.not_any_");
    cases.any_text("name.any_", "variable");
    cases.like("name.like_", "variable");
    cases.tags();
    cases.any_text("value.any_", "value");
    cases.add("value.any_", Shape::Grouped, Matches::All, json!(["value-same"]));
    cases.like("value.like_", "value");
    cases.finish()
}

/// What clients and pages send.
fn variable_queries(count: i64) -> Vec<Case> {
    let mut cases = Cases::new("", count);
    cases.body("variable ls", Shape::Paired, Matches::All, json!({"sort": "NAME_ASC", "limit": 100}));
    for (part, matches) in [("zzz", NOTHING), ("few", SOME), ("variable", Matches::All)] {
        let filter = json!({"name": {"like_": part}, "tags": {"all_": ["common"]}});
        let body = json!({"variables": filter, "sort": "NAME_ASC", "limit": 10});
        cases.body("variables, by name and tags", Shape::Paired, matches, body);
    }
    cases.finish()
}
