//! Fields of several kinds of objects, and of filters and pages of lists.

use serde_json::json;

use super::{BOTH, Noun};

pub const NOUN: Noun = Noun {
    values: &[
        // Each condition alone finds something.
        ("Operator", |_| json!("or_")),
        ("limit", |_| json!(10)),
        ("offset", |_| json!(0)),
    ],
    // A label is any number, text or boolean.
    huge: &[("labels", BOTH)],
    ..Noun::PLAIN
};
