//! The isolation of workspaces, tested on every statement of the program.
//!
//! The use cases populate one workspace, the original. The test runs every scoped statement in it, with values from the rows of the tables
//! that it names, and records the outcomes. Then a second workspace, the twin, gets the same rows with the *same ids* (the primary keys
//! allow it) and other numbers, and the test runs every statement again: each outcome must be the same, and no row of the twin may change.
//! Last comes a mutation test: each comparison with a workspace is removed from each statement in turn, and the test must detect that.

mod fixture;
mod mutants;
mod parameters;
pub mod select_trials;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use store::testing::RawConnection;

use self::{
    fixture::{Record, WorkspaceFixture},
    trial::{Outcome, Trial},
};
use crate::{populated, tables};

testkit::on_both! {
    async fn no_statement_reads_or_writes_another_workspace(app: TestApp) {
        let (original, twin) = populated::two_workspaces(&app).await;
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        let fixture = WorkspaceFixture::of(&app, original, twin).await;
        let rows = fixture.rows(&mut connection).await;
        let mut trials = parameters::trials(app.cx.db.is_embedded(), original, &rows);
        trials.extend(select_trials::trials(&app.location, original, &rows).await);
        let untried = parameters::untried(&trials);
        assert_eq!(untried, Vec::<&str>::new(), "each statement must be tried");
        let mut before = BTreeMap::new();
        for trial in &trials {
            before.insert(trial.label(), trial.run(&mut connection).await);
        }
        let twin_rows = fixture.copy(&mut connection).await;
        let mut differences = Vec::new();
        for trial in &trials {
            let after = trial.run_and_check_twin(&mut connection, &fixture, &twin_rows).await;
            if after.as_ref() != Ok(&before[&trial.label()]) {
                differences.push(format!("{}: {:?} before the twin, {after:?} after", trial.label(), before[&trial.label()]));
            }
        }
        differences.truncate(5);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        assert_eq!(without_rows(&trials, &before), Vec::<&str>::new(), "each statement must find a row at least once");
        assert_eq!(unread_tables(&fixture, &trials, &before), tables_read_by_a_test(&fixture), "READ_BY must list exactly these");
        let mutants = mutants::mutants(&trials);
        assert!(mutants.len() > 60, "only {} comparisons of workspaces were found", mutants.len());
        let mut missed = Vec::new();
        for (name, mutant) in mutants {
            if !mutants::is_detected(&mutant, &before, &mut connection, &fixture, &twin_rows).await {
                missed.push(format!("{name}: {}", mutant[0].text));
            }
        }
        assert_eq!(missed, Vec::<String>::new(), "a statement that does not compare its workspace must be detected");
    }
}

/// Statements that found no row in any trial, for which the test would prove nothing. Except INSERT, whose trials use existing rows.
fn without_rows<'t>(trials: &'t [Trial], outcomes: &BTreeMap<String, Outcome>) -> Vec<&'t str> {
    let found: BTreeSet<&str> =
        trials.iter().filter(|trial| outcomes[&trial.label()].found_a_row()).map(|trial| trial.name.as_str()).collect();
    let tried: BTreeSet<&str> = trials.iter().map(|trial| trial.name.as_str()).collect();
    let inserts = |name: &&str| name.contains("::INSERT");
    tried.difference(&found).copied().filter(|name| !inserts(name)).collect()
}

/// Tables of which no scoped statement returned a row that a use case wrote.
fn unread_tables(
    fixture: &WorkspaceFixture<'_>,
    trials: &[Trial],
    outcomes: &BTreeMap<String, Outcome>,
) -> BTreeSet<&'static str> {
    let found: Vec<&Trial> = trials.iter().filter(|trial| outcomes[&trial.label()].found_a_row()).collect();
    let tables = fixture.tables.iter().map(|table| table.name);
    tables.filter(|table| !found.iter().any(|trial| trial.reads(table))).collect()
}

/// Those for which `tables::READ_BY` names a test.
fn tables_read_by_a_test(fixture: &WorkspaceFixture<'_>) -> BTreeSet<&'static str> {
    let is_tried = |name: &&str| fixture.tables.iter().any(|table| table.name == *name);
    tables::READ_BY.iter().map(|(table, ..)| *table).filter(is_tried).collect()
}
