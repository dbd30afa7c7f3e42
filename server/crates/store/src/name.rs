//! The names by whose trigrams SQLite finds rows, once for each workspace and table, and which of them are indexed already.
//!
//! Writes do not index the names of new rows, which would take up to a quarter of their time. A service does, in the order of rowids: up to a
//! marked row all names are indexed, and a search reads the rows after it one by one. A new row gets the highest rowid, and triggers of the
//! migration `0012_names` index a changed name at once and move the mark when its row is deleted. So no row is missed. A name whose last row
//! was deleted stays until the service removes it.
//!
//! PostgreSQL has indexes of trigrams on the rows themselves, and none of these tables.

use crate::{
    statement::{Statement, System},
    statements,
};

/// The number of a row on SQLite.
pub(crate) const ROWID: &str = "rowid";

/// A table whose rows are found by a part of their name.
pub struct NamedTable {
    pub table: &'static str,
    /// The column of the name.
    pub column: &'static str,
    /// An expression: the rowid of the marked row, or 0.
    pub(crate) marked_row: &'static str,
    /// The first rows after the mark, at most so many: rowids, and numbers of characters of the names.
    pub unindexed: &'static Statement<(i64,), (i64, i64), System>,
    /// Gives numbers to workspaces which have rows between the mark and a rowid.
    pub insert_spaces: &'static Statement<(i64,), (), System>,
    /// Adds the names of the rows between the mark and a rowid that their workspaces do not have.
    pub insert_names: &'static Statement<(i64,), (), System>,
    /// Moves the mark to the row with a rowid.
    pub mark: &'static Statement<(i64,), (), System>,
}

impl NamedTable {
    /// The table, if its rows can be found by a part of this column.
    pub(crate) fn of(table: &str, column: &str) -> Option<&'static Self> {
        NAMED_TABLES.iter().find(|named| named.table == table && named.column == column)
    }
}

macro_rules! marked_row {
    ($table:literal) => {
        concat!(
            "coalesce((SELECT marked.rowid FROM name_mark m JOIN ",
            $table,
            " marked ON marked.workspace_id = m.marked_workspace AND marked.id = m.marked_id WHERE m.noun = '",
            $table,
            "'), 0)"
        )
    };
}

/// The rows between the mark and the rowid `$1`, found by their rowids.
macro_rules! batch {
    ($table:literal) => {
        concat!($table, " NOT INDEXED WHERE rowid > ", marked_row!($table), " AND rowid <= $1")
    };
}

macro_rules! named_tables {
    ($($table:literal by $column:literal: $unindexed:ident, $spaces:ident, $names:ident, $mark:ident;)*) => {
        statements! {$(
            system $unindexed: (i64,) => (i64, i64) = sqlite only concat!(
                "SELECT rowid, coalesce(length(", $column, "), 0) FROM ", $table, " NOT INDEXED WHERE rowid > ",
                marked_row!($table), " ORDER BY rowid LIMIT $1"
            );
            system $spaces: (i64,) => () = sqlite only concat!(
                "INSERT INTO name_space (workspace_id, noun, number) SELECT fresh.workspace_id, '", $table, "',
                    max(coalesce((SELECT max(number) FROM name_space), 0), coalesce((SELECT max(number) >> 32 FROM indexed_name), 0))
                    + row_number() OVER ()
                 FROM (SELECT DISTINCT workspace_id FROM ", batch!($table), ") fresh WHERE NOT EXISTS
                    (SELECT 1 FROM name_space s WHERE s.workspace_id = fresh.workspace_id AND s.noun = '", $table, "')"
            );
            // In ascending order, because FTS5 writes what it has collected when a lower rowid follows.
            system $names: (i64,) => () = sqlite only concat!(
                "INSERT INTO indexed_name (number, space, name, lower_name) SELECT
                    coalesce((SELECT max(n.number) FROM indexed_name n
                        WHERE n.number BETWEEN s.number << 32 AND (s.number << 32) + 4294967295), s.number << 32)
                    + row_number() OVER (PARTITION BY s.number ORDER BY fresh.name), s.number, fresh.name, lower(fresh.name)
                 FROM (SELECT DISTINCT workspace_id, ", $column, " AS name FROM ", batch!($table), " AND ", $column, " IS NOT NULL) fresh
                 JOIN name_space s ON s.workspace_id = fresh.workspace_id AND s.noun = '", $table, "'
                 WHERE NOT EXISTS (SELECT 1 FROM indexed_name n WHERE n.space = s.number AND n.name = fresh.name) ORDER BY 1"
            );
            system $mark: (i64,) => () = sqlite only concat!(
                "INSERT INTO name_mark (noun, marked_workspace, marked_id) SELECT '", $table, "', workspace_id, id FROM ", $table,
                " WHERE rowid = $1 ON CONFLICT (noun) DO UPDATE SET marked_workspace = excluded.marked_workspace, marked_id = excluded.marked_id"
            );
        )*}

        /// All of them.
        pub const NAMED_TABLES: &[NamedTable] = &[$(NamedTable {
            table: $table,
            column: $column,
            marked_row: marked_row!($table),
            unindexed: &$unindexed,
            insert_spaces: &$spaces,
            insert_names: &$names,
            mark: &$mark,
        }),*];

        /// Whether a row has the name `n`, whose number begins with that of the workspace and table `s`.
        macro_rules! is_used {
            () => {
                concat!(
                    "CASE s.noun ",
                    $("WHEN '", $table, "' THEN EXISTS (SELECT 1 FROM ", $table, " r WHERE r.workspace_id = s.workspace_id AND r.",
                        $column, " = n.name) ",)*
                    "ELSE FALSE END"
                )
            };
        }
    };
}

named_tables! {
    "flow_run" by "name": UNINDEXED_FLOW_RUNS, INSERT_FLOW_RUN_SPACES, INSERT_FLOW_RUN_NAMES, MARK_FLOW_RUN;
    "task_run" by "name": UNINDEXED_TASK_RUNS, INSERT_TASK_RUN_SPACES, INSERT_TASK_RUN_NAMES, MARK_TASK_RUN;
    "artifact" by "key": UNINDEXED_ARTIFACTS, INSERT_ARTIFACT_SPACES, INSERT_ARTIFACT_NAMES, MARK_ARTIFACT;
}

statements! {
    /// The names with numbers after the first parameter, at most so many, and whether a row has each.
    system INDEXED_NAMES: (i64, i64) => (i64, bool) = sqlite only concat!(
        "SELECT n.number, ", is_used!(), " FROM (SELECT number, space, name FROM indexed_name WHERE number > $1 ORDER BY number LIMIT $2) n
         LEFT JOIN name_space s ON s.number = n.space ORDER BY n.number"
    );
    /// Deletes the names between two numbers that no row has.
    system DELETE_UNUSED_NAMES: (i64, i64) => () = sqlite only concat!(
        "DELETE FROM indexed_name WHERE number IN (SELECT n.number FROM indexed_name n LEFT JOIN name_space s ON s.number = n.space
         WHERE n.number > $1 AND n.number <= $2 AND NOT ", is_used!(), ")"
    );
}
