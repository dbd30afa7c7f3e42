//! Automations, and the resources that own them.

use serde_json::json;

use super::Noun;

pub const NOUN: Noun = Noun {
    // Any text names a resource.
    values: &[("resource_id", |fixture| json!(format!("prefect.deployment.{}", fixture.name)))],
    ..Noun::PLAIN
};
