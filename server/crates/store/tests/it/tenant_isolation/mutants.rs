//! The test of the test: statements that forget their workspace in one place, and whether that is seen.

use std::collections::BTreeMap;

use model::id::WorkspaceId;
use store::{probe::Probe, value::Value};

use super::{House, Lack, Outcome, Table, Trial, select};

/// Every statement once for each comparison with a workspace in it, with that comparison always true.
pub fn breaches<'t>(trials: &'t [Trial]) -> Vec<(&'t str, Vec<Trial>)> {
    let mut by_statement = BTreeMap::<&str, Vec<&'t Trial>>::new();
    for trial in trials {
        by_statement.entry(&trial.name).or_default().push(trial);
    }
    let breach = |trials: &Vec<&'t Trial>| {
        let breached = |text: String| {
            let with = |trial: &&Trial| Trial { text: text.clone(), ..Trial::clone(trial) };
            (trials[0].name.as_str(), trials.iter().map(with).collect())
        };
        without_a_wall(&trials[0].text).into_iter().map(breached).collect::<Vec<_>>()
    };
    by_statement.values().flat_map(breach).collect()
}

/// The text with each `… workspace_id = …` in turn made true.
fn without_a_wall(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || "(),".contains(c);
    let comparison = |(at, sign): (usize, &str)| {
        let begin = text[..at].rfind(ends).map_or(0, |before| before + 1);
        let right = at + sign.len();
        let end = text[right..].find(ends).map_or(text.len(), |length| right + length);
        let (left, right) = (&text[begin..at + "workspace_id".len()], &text[right..end]);
        let compares = right.starts_with('$') || right.ends_with(".workspace_id");
        let open = format!("{}({left} = {right} OR {left} <> {right}){}", &text[..begin], &text[end..]);
        compares.then_some(open)
    };
    text.match_indices("workspace_id = ").filter_map(comparison).collect()
}

/// Whether a trial of the statement comes out differently beside the twin; or, where both have the same to offer, once the original
/// lacks some rows, or all is taken in place of the first.
pub async fn is_seen(
    breached: &[Trial],
    before: &BTreeMap<String, Outcome>,
    probe: &mut Probe,
    house: &House<'_>,
    (original, twin): (WorkspaceId, WorkspaceId),
    rows: &str,
) -> bool {
    for trial in breached {
        let after = trial.run_and_look(probe, house, twin, rows).await;
        if after.as_ref() != Ok(&before[&trial.label()]) {
            return true;
        }
    }
    for trial in breached {
        let all = |text: &str| Trial { text: text.trim_end_matches(" LIMIT 1").to_owned(), ..trial.clone() };
        let (intact, breached) = (all(&trial.intact), all(&trial.text));
        for table in &house.tables {
            for lack in lacks(table, original, probe).await {
                if intact.run_without(&lack, original, probe).await
                    != breached.run_without(&lack, original, probe).await
                {
                    return true;
                }
            }
        }
    }
    false
}

/// What of a table a workspace may lack: everything, the rows of one id, the rows of one tag.
async fn lacks(table: &Table, workspace: WorkspaceId, probe: &mut Probe) -> Vec<Lack> {
    let mut lacks = vec![Lack { table: table.name, of: None }];
    let rows = select(probe, table, workspace).await;
    for (at, (column, kind)) in
        table.columns.iter().enumerate().filter(|(_, (column, _))| matches!(&**column, "id" | "tag"))
    {
        let one = |row: &Vec<Value>| Lack { table: table.name, of: Some((column.clone(), kind.ty, row[at].clone())) };
        lacks.extend(rows.iter().map(one));
    }
    lacks
}
