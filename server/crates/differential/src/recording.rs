//! The reference's answers to the cases of a table, as in the folder `recordings`: a line for each case.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{answer::Answer, case};

/// The answers to one case: one if the reference gives the same on both databases, otherwise that on SQLite and that on PostgreSQL.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recorded(Vec<Vec<Answer>>);

pub type Recording = BTreeMap<String, Recorded>;

impl Recorded {
    /// A fault of the reference on one database is no answer if it answers on the other.
    #[must_use]
    pub fn new(sqlite: Vec<Answer>, postgres: Vec<Answer>) -> Self {
        let is_fault = |answers: &[Answer]| answers.iter().any(|answer| answer.status() >= 500);
        Self(match (is_fault(&sqlite), is_fault(&postgres)) {
            (true, false) => vec![postgres],
            (false, true) => vec![sqlite],
            _ if sqlite == postgres => vec![sqlite],
            _ => vec![sqlite, postgres],
        })
    }

    /// Whether the reference gives these answers on one of its databases.
    #[must_use]
    pub fn contains(&self, answers: &[Answer]) -> bool {
        self.0.iter().any(|recorded| recorded == answers)
    }

    /// Whether the reference gives different answers on its two databases.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.0.len() > 1
    }

    /// The answers, as in the file.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|answers| serde_json::json!(answers).to_string()).collect::<Vec<_>>().join(" or ")
    }

    /// The answers to the case's own call.
    pub fn first(&self) -> impl Iterator<Item = &Answer> {
        self.0.iter().filter_map(|answers| answers.first())
    }
}

/// The committed recording of a table.
pub fn read(table: &str) -> Result<Recording> {
    case::read(&format!("recordings/{table}.json"))
}

/// The text of a recording's file.
pub fn text(recording: &Recording) -> Result<String> {
    let mut text = String::from("{");
    for (index, (case, recorded)) in recording.iter().enumerate() {
        let end = if index == 0 { "" } else { "," };
        write!(text, "{end}\n{}: {}", serde_json::to_string(case)?, serde_json::to_string(recorded)?)?;
    }
    Ok(text + "\n}\n")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Recorded, read};
    use crate::case::{Case, Kind, tables};
    use crate::deviation;

    /// All cases with what is recorded for them.
    fn recorded() -> Vec<(Case, Recorded)> {
        let mut found = Vec::new();
        for table in tables().unwrap() {
            let mut recording = read(&table.name).unwrap();
            for case in table.cases {
                let recorded =
                    recording.remove(&case.name()).unwrap_or_else(|| panic!("not recorded: {}", case.name()));
                found.push((case, recorded));
            }
            assert!(recording.is_empty(), "recorded, but no case: {:?}", recording.keys());
        }
        found
    }

    #[test]
    fn each_case_shows_what_its_kind_says() {
        let recorded = recorded();
        let counts = |recorded: &Recorded| recorded.first().filter_map(|answer| answer.count()).collect::<Vec<_>>();
        let all: BTreeMap<_, _> = recorded
            .iter()
            .filter(|(case, _)| case.kind == Kind::Empty)
            .map(|(case, recorded)| (case.operation.clone(), counts(recorded)))
            .collect();
        let shows = |case: &Case, recorded: &Recorded| {
            let statuses = || recorded.first().map(|answer| answer.status());
            let is_list = case.operation.ends_with("/filter") || case.operation.ends_with("/count");
            match case.kind {
                Kind::Full | Kind::Empty | Kind::Sort => statuses().all(|status| status < 300),
                Kind::Invalid => statuses().all(|status| status >= 400),
                Kind::Foreign if is_list => counts(recorded) == [0],
                Kind::Foreign => case.operation.starts_with("POST") || statuses().all(|status| status == 404),
                Kind::Keeps => counts(recorded).iter().all(|count| *count > 0 && *count < all[&case.operation][0]),
                Kind::Drops => counts(recorded) == [0],
                Kind::Limit | Kind::Operator | Kind::Form | Kind::Again | Kind::Effect => true,
            }
        };
        let wrong = recorded.iter().filter(|(case, recorded)| !shows(case, recorded));
        let wrong: Vec<_> = wrong.map(|(case, recorded)| format!("{}: {}", case.name(), recorded.text())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn each_deviation_is_of_a_case() {
        let names: BTreeSet<_> = recorded().into_iter().map(|(case, _)| case.name()).collect();
        let deviations = deviation::by_case(deviation::read().unwrap()).unwrap();
        let unknown: Vec<_> = deviations.keys().filter(|name| !names.contains(*name)).collect();
        assert!(unknown.is_empty(), "{unknown:#?}");
    }
}
