//! The mutation test: statements without one comparison of the workspace, and whether the test detects that.

use std::collections::BTreeMap;

use store::{
    testing::RawConnection,
    value::{Type, Value},
};

use super::{
    Outcome, Trial,
    fixture::{Table, WorkspaceFixture},
    trial::Change,
};

/// The trials of each statement, once for each comparison of a workspace in its text, with that comparison always true.
pub fn mutants<'t>(trials: &'t [Trial]) -> Vec<(&'t str, Vec<Trial>)> {
    // By their texts: a list consists of several selects, and a list and its count have some in common.
    let mut by_text = BTreeMap::<&str, BTreeMap<String, &'t Trial>>::new();
    for trial in trials {
        by_text.entry(&trial.text).or_default().entry(format!("{:?}", trial.values)).or_insert(trial);
    }
    let mutate = |(text, trials): (&str, BTreeMap<String, &'t Trial>)| {
        let trials: Vec<&'t Trial> = trials.into_values().collect();
        let with_text = |text: String| {
            let with = |trial: &&'t Trial| Trial { text: text.clone(), ..Trial::clone(trial) };
            (trials[0].name.as_str(), trials.iter().map(with).collect())
        };
        mutated_texts(text).into_iter().map(with_text).collect::<Vec<_>>()
    };
    by_text.into_iter().flat_map(mutate).collect()
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
/// the trial is repeated without LIMIT 1 and after a change of rows of the original in a table that it names.
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
    let tables: Vec<&Table> = fixture.tables.iter().filter(|table| mutant[0].names(table.name)).collect();
    for changes in [deletions as fn(&Table, &[Vec<Value>]) -> Vec<Change>, rewrites] {
        let mut each = Vec::new();
        for table in &tables {
            each.extend(changes(table, &table.select(connection, fixture.original).await));
        }
        if differs_after_a_change(mutant, &each, connection, fixture).await {
            return true;
        }
    }
    false
}

async fn differs_after_a_change(
    mutant: &[Trial],
    changes: &[Change],
    connection: &mut RawConnection,
    fixture: &WorkspaceFixture<'_>,
) -> bool {
    for trial in mutant {
        let all = |text: &str| Trial { text: text.trim_end_matches(" LIMIT 1").to_owned(), ..trial.clone() };
        let (unmutated, mutant) = (all(&trial.original), all(&trial.text));
        for change in changes {
            if unmutated.run_after(change, fixture.original, connection).await
                != mutant.run_after(change, fixture.original, connection).await
            {
                return true;
            }
        }
    }
    false
}

/// Deletions from a table: of all rows, of the row of each id, of the rows of each tag.
fn deletions(table: &Table, rows: &[Vec<Value>]) -> Vec<Change> {
    let columns = table.columns.iter().enumerate().filter(|(_, (name, _))| matches!(&**name, "id" | "tag"));
    let each = columns.flat_map(|(at, (column, kind))| {
        rows.iter().map(move |row| Change::delete(table.name, column, (kind.ty, row[at].clone())))
    });
    [Change::delete_all(table.name)].into_iter().chain(each).collect()
}

/// Another text in each column of each row that has an id.
fn rewrites(table: &Table, rows: &[Vec<Value>]) -> Vec<Change> {
    let Some(id) = table.columns.iter().position(|(name, _)| name == "id") else { return Vec::new() };
    let texts = || table.columns.iter().filter(|(_, kind)| kind.ty == Type::Text);
    let of_row = |row: &Vec<Value>| {
        let id = (Type::Uuid, row[id].clone());
        texts().map(move |(column, _)| Change::rewrite(table.name, column, id.clone())).collect::<Vec<_>>()
    };
    rows.iter().flat_map(of_row).collect()
}
