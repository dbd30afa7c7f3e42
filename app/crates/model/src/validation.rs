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

/// Formats an error as a sentence for a page: a capital first, a full stop at the end.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn errors_become_sentences() {
        assert_eq!(sentence("enter an address"), "Enter an address.");
        assert_eq!(sentence("Done."), "Done.");
    }
}
