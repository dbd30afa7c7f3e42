//! What is wrong with an input, and where.

use serde::{Deserialize, Serialize};

/// One complaint about one field.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{}: {message}", loc.join("."))]
pub struct Invalid {
    /// The way to the field, from the outside in.
    pub loc: Vec<String>,
    /// A word for the kind of mistake, such as `value_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A sentence for a person.
    #[serde(rename = "msg")]
    pub message: String,
}

impl Invalid {
    /// A value that is not allowed at `loc`, given as `field` or `outer.inner`.
    #[must_use]
    pub fn value(loc: &str, message: impl Into<String>) -> Self {
        Self { loc: loc.split('.').map(str::to_owned).collect(), kind: "value_error".into(), message: message.into() }
    }
}
