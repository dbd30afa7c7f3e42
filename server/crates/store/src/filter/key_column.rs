//! The column that a condition is about.

use std::fmt::Debug;

use sea_query::{Expr, ExprTrait};

use super::condition::column;

/// The column that a key of a filter is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyColumn {
    pub table: &'static str,
    pub name: &'static str,
    /// Whether the database must not use an index for it.
    unindexed: bool,
    /// Whether the database is SQLite.
    pub embedded: bool,
}

impl KeyColumn {
    pub(crate) const fn new(table: &'static str, name: &'static str) -> Self {
        Self { table, name, unindexed: false, embedded: false }
    }

    /// The same column. With `unindexed`, SQLite uses no index for it, because it would rather sort all rows that an index finds than walk the
    /// order of the list.
    pub(super) fn with_unindexed(self, unindexed: bool) -> Self {
        Self { unindexed, ..self }
    }

    /// The same column, of SQLite if `embedded`.
    pub(super) fn with_embedded(self, embedded: bool) -> Self {
        Self { embedded, ..self }
    }

    /// Another column of the table.
    pub(super) fn sibling(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    pub(super) fn expr(self) -> Expr {
        let column = match (self.table, self.name) {
            // The index has this expression, so that SQLite uses it for no statement about the loud lines of one run.
            ("log", "level") => column(self.table, self.name).add(Expr::Constant(0.into())),
            _ => column(self.table, self.name),
        };
        if self.unindexed { Expr::cust_with_expr("+?", column) } else { column }
    }

    /// The column as the order of a few rows, for which the database must not walk an index of that order.
    pub(super) fn sorted(self, embedded: bool) -> Expr {
        if embedded { self.with_unindexed(true).expr() } else { Expr::cust_with_expr("(SELECT $1)", self.expr()) }
    }

    /// The column by which the index of this column orders rows with the same value.
    pub(super) fn order(self) -> Option<&'static str> {
        match (self.table, self.name) {
            ("flow_run", "flow_id" | "deployment_id" | "parent_flow_run_id") => Some("sort_time"),
            _ => None,
        }
    }
}
