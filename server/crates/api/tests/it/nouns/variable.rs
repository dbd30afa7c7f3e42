//! Variables.

use serde_json::json;

use super::Noun;

pub const NOUN: Noun = Noun {
    // Updates keep the name, by which later requests find the variable.
    values: &[("VariableUpdate.name", |fixture| json!(fixture.name))],
    // A value is JSON, in which a text may have a NUL.
    accepting_nul: &["VariableCreate.value", "VariableUpdate.value"],
    limited: &["VariableCreate.name", "VariableUpdate.name"],
    ..Noun::PLAIN
};
