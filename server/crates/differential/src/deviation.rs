//! Where Provost answers otherwise than the reference on purpose: one list, each entry with its reason and Provost's answers.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde::Deserialize;

use crate::{answer::Answer, case};

/// One reason, and the answers of Provost to the cases that it concerns, by the name of the case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    pub reason: String,
    pub cases: BTreeMap<String, Vec<Answer>>,
}

/// All deviations by the name of their case, each with its reason.
pub fn by_case(deviations: Vec<Deviation>) -> Result<BTreeMap<String, (String, Vec<Answer>)>> {
    let mut found = BTreeMap::new();
    for Deviation { reason, cases } in deviations {
        for (case, answers) in cases {
            ensure!(found.insert(case.clone(), (reason.clone(), answers)).is_none(), "{case} deviates for two reasons");
        }
    }
    Ok(found)
}

/// The committed list.
pub fn read() -> Result<Vec<Deviation>> {
    case::read("cases/deviations.json")
}
