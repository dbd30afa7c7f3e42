//! Every table is used: the use cases write rows to it, and a statement or a test reads such a row.

use std::path::Path;

use control::workspace::ReapBatch;
use store::{
    testing::RawConnection,
    value::{Kind, Type, Value},
};

use testkit::Backend;

use crate::{populated, schema};

/// Written by the task that sends changes to other replicas, and by no use case.
const REPLICAS: &str = "replica";

/// A test that reads a row which a use case or a route wrote, for each table for which `tenant_isolation` does not show that a statement
/// reads one: table, crate, module and name.
pub const READ_BY: [(&str, &str, &str, &str); 16] = [
    (REPLICAS, "store", "changes", "a_replica_saves_how_many_messages_it_has_sent"),
    ("person", "control", "people", "registering_creates_a_person_with_their_own_account"),
    ("identity", "control", "people", "a_failed_sign_in_is_the_same_for_unknown_people"),
    ("session", "control", "sessions", "a_session_is_stored_with_only_the_hash_of_its_id"),
    ("account", "control", "people", "registering_creates_a_person_with_their_own_account"),
    ("account_member", "control", "workspaces", "a_workspace_needs_a_membership_in_its_account"),
    ("workspace", "control", "workspaces", "renaming_a_workspace_keeps_its_handle"),
    ("workspace_member", "control", "workspaces", "a_workspace_belongs_to_its_account_and_its_creator"),
    ("api_key", "control", "keys", "keys_are_listed_searched_and_sorted"),
    ("audit", "control", "keys", "a_key_authenticates_its_person_until_deleted"),
    ("favourite", "control", "workspaces", "favourites_come_first"),
    ("run_hour", "control", "workspaces", "a_card_counts_the_runs_of_thirty_days"),
    ("indexed_name", "services", "names", "names_of_new_rows_are_indexed_once"),
    ("name_part", "services", "names", "rows_are_found_before_and_after_a_tick"),
    ("name_mark", "services", "names", "names_of_new_rows_are_indexed_once"),
    ("event", "control", "events", "events_of_a_missing_flow_run_record_no_task_run"),
];

#[test]
fn every_table_is_read_by_a_test() {
    let named = READ_BY.map(|(table, ..)| table);
    for table in schema::tables(Backend::Sqlite).iter().filter(|table| !table.is_of_workspace()) {
        assert!(named.contains(&table.name), "name a test that reads the table {}", table.name);
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (table, of, module, name) in READ_BY {
        let tests =
            std::fs::read_to_string(crates.join(of).join("tests/it").join(module).with_extension("rs")).unwrap();
        assert!(
            tests.contains(&format!("async fn {name}(app: TestApp)")),
            "{table}: {of} has no test {module}::{name}"
        );
    }
}

testkit::on_both! {
    async fn every_table_is_written_by_the_use_cases(app: TestApp) {
        populated::two_workspaces(&app).await;
        let bob = app.person("bob").await;
        app.key(&bob, "laptop").await;
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        let mut empty = Vec::new();
        for table in schema::tables(app.backend) {
            let count = format!("SELECT COUNT(*) FROM {}", table.name);
            let rows = connection.rows(&count, &[], &[Kind::of(Type::Big)], Vec::new()).await.unwrap();
            if rows == [[Value::Big(0)]] && table.name != REPLICAS {
                empty.push(table.name);
            }
        }
        assert_eq!(empty, [""; 0], "tables that no use case writes to must not exist yet");
    }

    async fn a_deleted_workspace_is_emptied_table_by_table(app: TestApp) {
        let (full, _) = populated::two_workspaces(&app).await;
        let id = || vec![Value::Uuid(full.0)];
        let mut connection = RawConnection::open(&app.location).await.unwrap();
        let deleted = connection.touched("UPDATE workspace SET deleted = 1 WHERE id = $1", &[Type::Uuid], id()).await;
        assert_eq!(deleted, Ok(1));
        while !app.cx.db.write(ReapBatch { workspace: full, max_rows: 1 }).await.unwrap().done {}
        for table in schema::tables(app.backend).iter().filter(|table| table.is_of_workspace() && table.name != "audit") {
            let count = format!("SELECT COUNT(*) FROM {} WHERE workspace_id = $1", table.name);
            let rows = connection.rows(&count, &[Type::Uuid], &[Kind::of(Type::Big)], id()).await.unwrap();
            assert_eq!(rows, [[Value::Big(0)]], "{}", table.name);
        }
    }
}
