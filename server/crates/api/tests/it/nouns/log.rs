//! Log lines, and events.

use serde_json::json;

use super::Noun;
use crate::contract_file::UNKNOWN_ID;

pub const NOUN: Noun = Noun {
    values: &[("LogCreate.worker_id", |_| json!(UNKNOWN_ID))],
    unchecked: &["LogCreate"],
    accepting_nul: &["LogCreate", "Event"],
    ..Noun::PLAIN
};
