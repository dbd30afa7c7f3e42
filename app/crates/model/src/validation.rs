//! Validation errors: what is wrong with an input, and in which field.

use serde::{Deserialize, Serialize};

/// One error of one field, serialized like the reference's `ValidationError`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", loc.join("."))]
pub struct ValidationError {
    /// The path of the field, outermost key first.
    pub loc: Vec<String>,
    /// The kind of error, such as `value_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A sentence for people.
    #[serde(rename = "msg")]
    pub message: String,
}

impl ValidationError {
    /// An error of kind `value_error` at `loc`, which is written as `field` or `outer.inner`.
    #[must_use]
    pub fn value(loc: &str, message: impl Into<String>) -> Self {
        Self { loc: loc.split('.').map(str::to_owned).collect(), kind: "value_error".into(), message: message.into() }
    }
}
