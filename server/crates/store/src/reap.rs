//! Deletes the rows of a deleted workspace, table by table, referencing tables before the referenced ones.

use std::sync::LazyLock;

use model::id::WorkspaceId;

use crate::{
    migrate::MIGRATIONS,
    statement::{Statement, System},
    statements,
};

/// Deletes some rows of one table of a workspace.
pub type Reap = Statement<(WorkspaceId, i64), (), System>;

/// Tables that are not emptied: the audit log outlives workspaces, and SQLite deletes a `name_space` with its workspace.
const KEPT: [&str; 2] = ["audit", "name_space"];

/// A statement for each table of a workspace, in the order in which the tables have to be emptied: the newest first, because a table refers
/// to older ones.
pub static TABLES: LazyLock<Vec<Reap>> = LazyLock::new(|| {
    let tables: Vec<_> = workspace_tables().filter(|(table, _)| !KEPT.contains(table)).collect();
    tables.into_iter().rev().map(|(table, key)| reap(table, key)).collect()
});

/// The tables with a column `workspace_id`, and the columns of their primary keys, as the migrations declare them.
fn workspace_tables() -> impl Iterator<Item = (&'static str, &'static str)> {
    let texts = MIGRATIONS.iter().flat_map(|migration| migration.sqlite.split("CREATE TABLE ").skip(1));
    texts.filter_map(|text| {
        let (table, rest) = text.split_once(" (")?;
        let (columns, _) = rest.split_once("\n)")?;
        let key = columns.split_once("PRIMARY KEY (").and_then(|(_, rest)| rest.split_once(')'));
        columns.contains("\n    workspace_id UUID").then_some((table, key.map_or("id", |(key, _)| key)))
    })
}

fn reap(table: &str, key: &str) -> Reap {
    let text = format!(
        "DELETE FROM {table} WHERE workspace_id = $1 AND ({key}) IN \
         (SELECT {key} FROM {table} WHERE workspace_id = $1 LIMIT $2)"
    );
    let text = &*text.leak();
    Statement::new("REAP", text, text)
}

statements! {
    /// The workspace, if it was deleted.
    system DELETED_WORKSPACE: (WorkspaceId,) => (WorkspaceId,) =
        "SELECT id FROM workspace WHERE id = $1 AND deleted IS NOT NULL";
    /// Deletes a deleted workspace's own row, when all its tables are empty.
    system REAP_WORKSPACE: (WorkspaceId,) => () = "DELETE FROM workspace WHERE id = $1 AND deleted IS NOT NULL";
}
