//! Every table is used: the use cases write rows to it, and a test reads such a row.

use std::path::Path;

use store::{
    testing::RawConnection,
    value::{Kind, Type, Value},
};

use crate::{populated, schema};

/// Written by the task that sends changes to other replicas, and by no use case.
const REPLICAS: &str = "replica";

/// Each table with a test that reads a row of it which a use case or a route wrote: crate, module and name.
const READ_BY: [(&str, &str, &str, &str); 29] = [
    (REPLICAS, "store", "changes", "a_replica_saves_how_many_messages_it_has_sent"),
    ("person", "control", "people", "registering_creates_a_person_with_their_own_account"),
    ("identity", "control", "people", "a_failed_sign_in_is_the_same_for_unknown_people"),
    ("session", "control", "sessions", "a_session_is_stored_with_only_the_hash_of_its_id"),
    ("account", "control", "people", "registering_creates_a_person_with_their_own_account"),
    ("account_member", "control", "workspaces", "a_workspace_needs_a_membership_in_its_account"),
    ("workspace", "control", "workspaces", "renaming_a_workspace_keeps_its_handle"),
    ("workspace_member", "control", "workspaces", "a_workspace_belongs_to_its_account_and_its_creator"),
    ("favourite", "control", "workspaces", "favourites_come_first"),
    ("api_key", "control", "keys", "keys_are_listed_searched_and_sorted"),
    ("audit", "control", "keys", "a_key_authenticates_its_person_until_deleted"),
    ("flow", "api", "runs", "a_flow_is_created_once"),
    ("flow_tag", "control", "lists", "flow_filters_match_whole_tags_only"),
    ("flow_run", "api", "runs", "a_run_goes_from_pending_to_completed"),
    ("flow_run_tag", "api", "runs", "lists_are_filtered_sorted_and_limited"),
    ("flow_run_state", "api", "runs", "a_run_goes_from_pending_to_completed"),
    ("task_run", "api", "runs", "a_task_run_is_created_once_for_its_keys"),
    ("task_run_tag", "control", "lists", "a_filter_can_require_a_thousand_tags"),
    ("task_run_state", "api", "socket", "a_pong_confirms_that_earlier_events_are_stored"),
    ("log", "api", "runs", "log_lines_are_sorted_by_timestamp"),
    ("event", "control", "events", "events_of_a_missing_flow_run_record_no_task_run"),
    ("run_total", "control", "runs", "counters_match_the_runs_after_any_transitions"),
    ("run_hour", "control", "workspaces", "a_card_counts_the_runs_of_thirty_days"),
    ("block_type", "api", "runs", "the_oldest_client_registers_its_storage_block"),
    ("block_schema", "control", "blocks", "a_schema_is_found_by_checksum_and_version"),
    ("block_document", "control", "blocks", "references_are_replaced_by_the_blocks_data"),
    ("concurrency_limit", "control", "concurrency", "a_limit_is_created_read_and_deleted"),
    ("lease", "api", "runs", "slots_are_acquired_renewed_and_released"),
    ("lease_limit", "control", "concurrency", "leases_of_a_deleted_limit_keep_their_other_limits"),
];

#[test]
fn every_table_is_read_by_a_test() {
    let named = READ_BY.map(|(table, ..)| table);
    for table in schema::tables() {
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
        for table in schema::tables() {
            let count = format!("SELECT COUNT(*) FROM {}", table.name);
            let rows = connection.rows(&count, &[], &[Kind::of(Type::Big)], Vec::new()).await.unwrap();
            if rows == [[Value::Big(0)]] && table.name != REPLICAS {
                empty.push(table.name);
            }
        }
        assert_eq!(empty, [""; 0], "tables that no use case writes to must not exist yet");
    }
}
