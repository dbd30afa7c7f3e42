//! The texts of operations: summaries and descriptions.

use std::collections::BTreeMap;

const SUMMARIES: &str = include_str!("../../contract/summaries.txt");

/// The texts by operation.
pub struct Texts {
    summaries: BTreeMap<&'static str, (&'static str, &'static str)>,
}

impl Texts {
    pub fn read() -> Self {
        let line = |line: &'static str| {
            let (operation, text) = line.split_once(": ")?;
            Some((operation, text.split_once(". ").unwrap_or((text, ""))))
        };
        Self { summaries: SUMMARIES.lines().filter_map(line).collect() }
    }

    /// What the operation does, in a few words; empty if it has no line.
    pub fn summary(&self, operation: &str) -> &'static str {
        self.summaries.get(operation).map(|(summary, _)| *summary).unwrap_or_default()
    }

    /// What a caller has to know beyond the summary; may be empty.
    pub fn description(&self, operation: &str) -> &'static str {
        self.summaries.get(operation).map(|(_, description)| *description).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{SUMMARIES, Texts};
    use crate::contract::{CONTRACT, Operation};

    #[test]
    fn each_operation_has_one_line() {
        let named: Vec<&str> = SUMMARIES.lines().filter_map(|line| line.split(": ").next()).collect();
        let operations: BTreeSet<String> = CONTRACT.operations.iter().map(Operation::name).collect();
        let found: BTreeSet<String> = named.iter().copied().map(str::to_owned).collect();
        assert_eq!(found, operations);
        assert_eq!(named.len(), operations.len(), "an operation has two lines");
    }

    #[test]
    fn the_first_sentence_is_the_summary() {
        let texts = Texts::read();
        assert_eq!(texts.summary("GET /health"), "Check that the process runs");
        assert_eq!(texts.description("GET /health"), "The database is not checked.");
        assert_eq!(texts.description("GET /flows/{id}"), "");
        for operation in &CONTRACT.operations {
            let summary = texts.summary(&operation.name());
            assert!((5..=80).contains(&summary.len()) && !summary.ends_with('.'), "{}", operation.name());
        }
    }
}
