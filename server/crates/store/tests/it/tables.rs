//! No table without a use: each holds a row after the calls of a day, and a test that reads such a row is named.

use std::path::Path;

use store::{
    probe::Probe,
    value::{Kind, Type, Value},
};

use crate::{furnished, schema};

/// Each table with a test that reads a row of it which came in through a use case or a route: crate, module and name.
const READ_BY: [(&str, &str, &str, &str); 28] = [
    ("person", "control", "people", "registering_makes_a_person_with_an_account_of_their_own"),
    ("identity", "control", "people", "signing_in_answers_the_same_for_known_and_unknown_people"),
    ("session", "control", "sessions", "what_a_session_carries_is_kept"),
    ("account", "control", "people", "registering_makes_a_person_with_an_account_of_their_own"),
    ("account_member", "control", "workspaces", "nobody_makes_a_workspace_in_a_strange_account"),
    ("workspace", "control", "workspaces", "a_new_name_keeps_the_handle"),
    ("workspace_member", "control", "workspaces", "a_workspace_belongs_to_its_account_and_its_maker"),
    ("favourite", "control", "workspaces", "favourites_come_first"),
    ("api_key", "control", "keys", "keys_are_listed_searched_and_sorted"),
    ("audit", "control", "keys", "a_key_speaks_for_its_person_until_it_is_deleted"),
    ("flow", "api", "runs", "a_flow_is_made_once"),
    ("flow_tag", "control", "lists", "flows_are_found_by_their_tags_and_by_nothing_like_them"),
    ("flow_run", "api", "runs", "a_run_goes_from_pending_to_completed"),
    ("flow_run_tag", "api", "runs", "lists_are_filtered_sorted_and_bounded"),
    ("flow_run_state", "api", "runs", "a_run_goes_from_pending_to_completed"),
    ("task_run", "api", "runs", "a_task_run_is_found_again_by_its_keys"),
    ("task_run_tag", "control", "lists", "all_of_a_thousand_tags_can_be_asked_for"),
    ("task_run_state", "api", "socket", "a_pong_proves_that_the_events_before_it_are_stored"),
    ("log", "api", "runs", "log_lines_are_kept_in_order"),
    ("event", "control", "events", "events_of_a_run_that_is_gone_are_kept_and_record_nothing"),
    ("run_total", "control", "runs", "counters_are_the_counts_after_any_walk"),
    ("run_hour", "control", "workspaces", "a_card_counts_the_runs_of_thirty_days"),
    ("block_type", "api", "runs", "the_oldest_client_registers_its_storage_before_a_run"),
    ("block_schema", "control", "blocks", "a_schema_is_found_by_checksum_and_version"),
    ("block_document", "control", "blocks", "blocks_stand_inside_blocks"),
    ("concurrency_limit", "control", "concurrency", "a_limit_is_made_found_and_deleted"),
    ("lease", "api", "runs", "slots_are_taken_kept_and_given_back"),
    ("lease_limit", "control", "concurrency", "a_deleted_limit_leaves_its_leases_to_the_others"),
];

#[test]
fn each_table_is_read_by_a_test() {
    let named = READ_BY.map(|(table, ..)| table);
    for table in schema::tables() {
        assert!(named.contains(&table.name), "name a test that reads the table {}", table.name);
    }
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (table, of, module, name) in READ_BY {
        let tests =
            std::fs::read_to_string(crates.join(of).join("tests/it").join(module).with_extension("rs")).unwrap();
        assert!(tests.contains(&format!("async fn {name}(kit: Kit)")), "{table}: {of} has no test {module}::{name}");
    }
}

testkit::on_both! {
    async fn each_table_holds_what_came_in_through_the_use_cases(kit: Kit) {
        furnished::two_workspaces(&kit).await;
        let bob = kit.person("bob").await;
        kit.key(&bob, "laptop").await;
        let mut probe = Probe::open(&kit.location).await.unwrap();
        let mut empty = Vec::new();
        for table in schema::tables() {
            let count = format!("SELECT COUNT(*) FROM {}", table.name);
            let rows = probe.rows(&count, &[], &[Kind::of(Type::Big)], Vec::new()).await.unwrap();
            if rows == [[Value::Big(0)]] {
                empty.push(table.name);
            }
        }
        assert_eq!(empty, [""; 0], "a table that nothing is written to waits until something is");
    }
}
