//! The cost of lists and counts as the history of a workspace grows: for each kind of condition that a filter declares, with each sort, and
//! for combinations that clients and pages send. A page of results may cost at most 1.5 times as much at many rows as at 1,000; a
//! count, for each row that it counts.
//!
//! Costs are numbers, not times, so the test gives the same result on a busy machine: steps of SQLite's virtual machine (without those
//! inside a full-text index), and buffers that PostgreSQL reads. Both sizes are in one database: so another workspace's rows must cost
//! nothing, and PostgreSQL chooses the same plan for both.
//!
//! The larger workspaces have 20,000 rows and each condition is measured with one sort, in turn, so that the test is quick; `cargo xtask
//! prove` sets `GROWTH_ROWS` to 100,000, and then each is measured with all sorts.
//!
//! Three variables help to find a cause: `GROWTH_ONLY`, a part of the names of the cases to measure; `GROWTH_TABLE`, a file to which the
//! test writes all costs as Markdown; `GROWTH_PLANS`, if set, adds the statements and their plans to what a failure prints.

mod artifact_page;
pub mod bench;
pub mod cases;
mod declared;
pub mod fill;
mod nouns;
mod queries;
mod related;
mod report;
pub mod rows;
pub mod tables;

use std::collections::BTreeSet;

use model::{
    artifact::{ArtifactCollectionFilter, ArtifactFilter},
    filter::query::{ArtifactCollectionQuery, ArtifactQuery, FlowQuery, FlowRunQuery, TaskRunQuery},
    flow::FlowFilter,
    flow_run::FlowRunFilter,
    log::{LogFilter, LogQuery},
    task_run::TaskRunFilter,
};
use serde::{Serialize, de::DeserializeOwned};

use store::filter::List;

use crate::plain;

use artifact_page::ArtifactPage;
use bench::Bench;
use cases::Case;

testkit::on_both! {
    async fn pages_cost_the_same_in_a_long_history(app: TestApp) {
        let mut bench = Bench::create(&app).await;
        bench.measure::<FlowRunQuery>("flow runs", &[nouns::flow_runs, related::flow_runs, queries::flow_runs]).await;
        bench.measure::<TaskRunQuery>("task runs", &[nouns::task_runs, related::task_runs, queries::task_runs]).await;
        bench.measure::<LogQuery>("logs", &[nouns::logs, queries::logs]).await;
        bench.measure::<ArtifactQuery>("artifacts", &[nouns::artifacts, related::artifacts, queries::artifacts]).await;
        let collections = [nouns::artifact_collections, related::artifacts, queries::artifact_collections];
        bench.measure::<ArtifactCollectionQuery>("latest artifacts", &collections).await;
        bench.measure::<ArtifactPage>("page of artifacts", &[artifact_page::cases]).await;
        bench.measure::<FlowQuery>("flows", &[nouns::flows, related::flows, queries::flows]).await;
        plain::measure(&mut bench).await;
        bench.finish();
    }
}

#[test]
fn every_declared_condition_has_a_case() {
    covers::<FlowRunQuery, FlowRunFilter>("flow_runs", nouns::flow_runs);
    covers::<TaskRunQuery, TaskRunFilter>("task_runs", nouns::task_runs);
    covers::<LogQuery, LogFilter>("logs", nouns::logs);
    covers::<ArtifactQuery, ArtifactFilter>("artifacts", nouns::artifacts);
    covers::<ArtifactCollectionQuery, ArtifactCollectionFilter>("artifacts", nouns::artifact_collections);
    covers::<FlowQuery, FlowFilter>("flows", nouns::flows);
    plain::check_cases();
}

/// Checks that each condition of a filter has a case, and that the list is narrowed by one of them.
pub fn covers<Q: List, F: DeserializeOwned + Serialize>(filter: &str, cases: fn(i64) -> Vec<Case>) {
    let covered: BTreeSet<String> = cases(rows::sizes()[0]).into_iter().map(|case| case.name).collect();
    let declared: BTreeSet<String> =
        declared::conditions::<F>().into_iter().map(|condition| format!("{filter} {condition}")).collect();
    assert_eq!(covered, declared);
    let narrowing = format!("{}.", Q::NARROWED_BY.replace('.', " "));
    assert!(declared.iter().any(|condition| condition.starts_with(&narrowing)), "{}", Q::NARROWED_BY);
}
