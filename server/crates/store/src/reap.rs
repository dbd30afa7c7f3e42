//! Deletes the rows of a deleted workspace, table by table, referencing tables before the referenced ones.

use model::id::WorkspaceId;

use crate::{
    statement::{Statement, System},
    statements,
};

/// Deletes some rows of one table of a workspace.
pub type Reap = Statement<(WorkspaceId, i64), (), System>;

macro_rules! reaped {
    ($($name:ident: $table:literal by $key:literal;)*) => {
        statements! {$(
            system $name: (WorkspaceId, i64) => () = concat!(
                "DELETE FROM ", $table, " WHERE workspace_id = $1 AND (", $key, ") IN (SELECT ", $key, " FROM ", $table,
                " WHERE workspace_id = $1 LIMIT $2)"
            );
        )*}

        /// A statement for each table of a workspace, in the order in which the tables have to be emptied.
        pub const TABLES: &[Reap] = &[$($name),*];

        #[cfg(test)]
        const NAMES: &[&str] = &[$($table),*];
    };
}

reaped! {
    REAP_FLOW_RUN_TAGS: "flow_run_tag" by "tag, flow_run_id";
    REAP_TASK_RUN_TAGS: "task_run_tag" by "tag, task_run_id";
    REAP_TASK_RUN_STATES: "task_run_state" by "id";
    REAP_FLOW_RUN_STATES: "flow_run_state" by "id";
    REAP_LOGS: "log" by "id";
    REAP_EVENTS: "event" by "id";
    REAP_TASK_RUNS: "task_run" by "id";
    REAP_FLOW_RUNS: "flow_run" by "id";
    REAP_FLOW_TAGS: "flow_tag" by "tag, flow_id";
    REAP_FLOWS: "flow" by "id";
    REAP_TOTALS: "run_total" by "kind, flow_id, deployment_id, state_type, state_name, slot";
    REAP_HOURS: "run_hour" by "kind, grain, bucket, flow_id, deployment_id, state_type, state_name, slot";
    REAP_LEASED_LIMITS: "lease_limit" by "lease_id, limit_id";
    REAP_LEASES: "lease" by "id";
    REAP_LIMITS: "concurrency_limit" by "id";
    REAP_BLOCK_DOCUMENTS: "block_document" by "id";
    REAP_BLOCK_SCHEMAS: "block_schema" by "id";
    REAP_BLOCK_TYPES: "block_type" by "id";
    REAP_ARTIFACT_COLLECTIONS: "artifact_collection" by "id";
    REAP_ARTIFACTS: "artifact" by "id";
    REAP_VARIABLE_TAGS: "variable_tag" by "tag, variable_id";
    REAP_VARIABLES: "variable" by "id";
    REAP_FAVOURITES: "favourite" by "person_id";
    REAP_MEMBERS: "workspace_member" by "person_id";
}

statements! {
    /// The workspace, if it was deleted.
    system DELETED_WORKSPACE: (WorkspaceId,) => (WorkspaceId,) =
        "SELECT id FROM workspace WHERE id = $1 AND deleted IS NOT NULL";
    /// Deletes a deleted workspace's own row, when all its tables are empty.
    system REAP_WORKSPACE: (WorkspaceId,) => () = "DELETE FROM workspace WHERE id = $1 AND deleted IS NOT NULL";
}

#[cfg(test)]
mod tests {
    use super::NAMES;
    use crate::migrate::MIGRATIONS;

    /// Tables that are not emptied: the audit log outlives workspaces, and SQLite deletes a `name_space` with its workspace.
    const EXCLUDED: [&str; 2] = ["audit", "name_space"];

    /// The tables with a column `workspace_id`, by the migrations' text, except those.
    fn workspace_tables() -> Vec<&'static str> {
        let texts = MIGRATIONS.iter().flat_map(|migration| migration.sqlite.split("CREATE TABLE ").skip(1));
        let tables = texts.filter_map(|text| {
            let (name, rest) = text.split_once(" (")?;
            let (columns, _) = rest.split_once("\n)")?;
            columns.contains("\n    workspace_id UUID").then_some(name)
        });
        tables.filter(|name| !EXCLUDED.contains(name)).collect()
    }

    #[test]
    fn every_table_of_a_workspace_is_emptied() {
        let mut expected = workspace_tables();
        let mut emptied = NAMES.to_vec();
        expected.sort_unstable();
        emptied.sort_unstable();
        assert_eq!(emptied, expected);
    }
}
