//! Artifacts.

use serde_json::json;

use super::Noun;

pub const NOUN: Noun = Noun {
    values: &[("ArtifactCreate.key", |_| json!("new")), ("like_", |_| json!("new"))],
    created_with: &[("ArtifactCreate.key", |fixture| json!(fixture.name))],
    // The runs of an artifact need not exist.
    unchecked: &["ArtifactCreate.flow_run_id", "ArtifactCreate.task_run_id"],
    limited: &["ArtifactCreate.key"],
    ..Noun::PLAIN
};
