//! The mutation test: statements without one comparison of the workspace, and whether the test detects that.

use std::collections::BTreeMap;

use model::id::WorkspaceId;
use store::{testing::RawConnection, value::Value};

use super::{
    Outcome, Trial,
    fixture::{Table, WorkspaceFixture},
    trial::Deletion,
};

/// The trials of each statement, once for each comparison of a workspace in its text, with that comparison always true.
pub fn mutants<'t>(trials: &'t [Trial]) -> Vec<(&'t str, Vec<Trial>)> {
    let mut by_statement = BTreeMap::<(&str, &str), Vec<&'t Trial>>::new();
    for trial in trials {
        // The selects of a list have its name. Those that find names by their parts are mutated one by one.
        let is_of_parts = trial.names("name_part") || trial.names("fresh");
        by_statement.entry((&trial.name, if is_of_parts { &trial.text } else { "" })).or_default().push(trial);
    }
    let mutate = |trials: &Vec<&'t Trial>| {
        let with_text = |text: String| {
            let with = |trial: &&Trial| Trial { text: text.clone(), ..Trial::clone(trial) };
            (trials[0].name.as_str(), trials.iter().map(with).collect())
        };
        mutated_texts(&trials[0].text).into_iter().map(with_text).collect::<Vec<_>>()
    };
    by_statement.values().flat_map(mutate).collect()
}

/// The text with each `… workspace_id = …` in turn made always true.
fn mutated_texts(text: &str) -> Vec<String> {
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

/// Whether a mutant has another outcome than the statement when the twin exists. Where the rows of both workspaces lead to the same outcome,
/// the trial is repeated without LIMIT 1 and after the deletion of rows of the original from a table that it names.
pub async fn is_detected(
    mutant: &[Trial],
    before: &BTreeMap<String, Outcome>,
    connection: &mut RawConnection,
    fixture: &WorkspaceFixture<'_>,
    rows: &str,
) -> bool {
    for trial in mutant {
        let after = trial.run_and_check_twin(connection, fixture, rows).await;
        if after.as_ref() != Ok(&before[&trial.label()]) {
            return true;
        }
    }
    let mut deletions = Vec::new();
    for table in fixture.tables.iter().filter(|table| mutant[0].names(table.name)) {
        deletions.extend(deletions_of(table, fixture.original, connection).await);
    }
    for trial in mutant {
        let all = |text: &str| Trial { text: text.trim_end_matches(" LIMIT 1").to_owned(), ..trial.clone() };
        let (unmutated, mutant) = (all(&trial.original), all(&trial.text));
        for deletion in &deletions {
            if unmutated.run_without(deletion, fixture.original, connection).await
                != mutant.run_without(deletion, fixture.original, connection).await
            {
                return true;
            }
        }
    }
    false
}

/// Deletions from a table: all rows, the row of each id, the rows of each tag.
async fn deletions_of(table: &Table, workspace: WorkspaceId, connection: &mut RawConnection) -> Vec<Deletion> {
    let mut deletions = vec![Deletion { table: table.name, of: None }];
    let rows = table.select(connection, workspace).await;
    for (at, (column, kind)) in
        table.columns.iter().enumerate().filter(|(_, (column, _))| matches!(&**column, "id" | "tag"))
    {
        let one =
            |row: &Vec<Value>| Deletion { table: table.name, of: Some((column.clone(), kind.ty, row[at].clone())) };
        deletions.extend(rows.iter().map(one));
    }
    deletions
}
