//! How objects refer to each other, so that one can be selected by conditions on another.

use std::collections::BTreeSet;

use sea_query::{Cond, Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use super::{
    access::{Access, Range, Ranges},
    condition::{any_of, column, single},
    key_column::KeyColumn,
};

/// A reference between the rows of two tables.
pub(crate) struct Relation {
    /// The table whose rows are selected, and its column.
    from: (&'static str, &'static str),
    /// The table that the condition is about, and its column with the same value.
    to: (&'static str, &'static str),
}

impl Relation {
    pub(super) const fn new(from: (&'static str, &'static str), to: (&'static str, &'static str)) -> Self {
        Self { from, to }
    }

    /// Whether a row that fulfils the condition is related.
    pub(super) fn exists(&self, condition: Cond) -> Cond {
        let mut related = Query::select();
        related
            .expr(Expr::value(1))
            .from(self.to.0)
            .and_where(column(self.to.0, "workspace_id").equals((self.from.0, "workspace_id")))
            .and_where(column(self.to.0, self.to.1).equals(self.from))
            .cond_where(condition);
        single(Expr::exists(related))
    }

    /// Selects what the rows with these ids that fulfil the condition are referred to by.
    pub(super) fn referred(&self, ids: Vec<Uuid>, condition: Option<Cond>) -> SelectStatement {
        let mut referred = Query::select();
        // With the tags, and without DISTINCT: SQLite would otherwise read an index that has both columns instead of the rows.
        referred.column(self.to).column((self.to.0, "tags")).from(self.to.0);
        referred.cond_where(any_of(column(self.to.0, "id"), ids));
        if let Some(condition) = condition {
            referred.cond_where(condition);
        }
        referred
    }

    /// What rows are referred to by, if a condition on them says it. Whether there are such rows is not known.
    pub(super) fn said(&self, related: &Access) -> Option<Ranges> {
        let said = related.alternatives.iter().filter_map(|ranges| ranges.values.as_ref());
        let (_, values) = said.into_iter().find(|(column, _)| *column == self.to.1)?;
        Some(Ranges { disjoint: false, ..self.ranges(values.iter().copied().collect()) })
    }

    /// The rows that refer to these values.
    pub(super) fn ranges(&self, values: BTreeSet<Uuid>) -> Ranges {
        match self.from {
            (_, "id") => Ranges::new([Range::Known(values.into_iter().collect())]),
            (table, name) => Ranges::equal(KeyColumn::new(table, name), values),
        }
    }
}

pub(crate) const FLOW_OF_RUN: Relation = Relation::new(("flow_run", "flow_id"), ("flow", "id"));
pub(crate) const RUN_OF_FLOW: Relation = Relation::new(("flow", "id"), ("flow_run", "flow_id"));
pub(crate) const TASK_RUN_OF_RUN: Relation = Relation::new(("flow_run", "id"), ("task_run", "flow_run_id"));
pub(crate) const RUN_OF_TASK_RUN: Relation = Relation::new(("task_run", "flow_run_id"), ("flow_run", "id"));
pub(crate) const RUN_OF_ARTIFACT: Relation = Relation::new(("artifact", "flow_run_id"), ("flow_run", "id"));
pub(crate) const TASK_RUN_OF_ARTIFACT: Relation = Relation::new(("artifact", "task_run_id"), ("task_run", "id"));
pub(crate) const RUN_OF_COLLECTION: Relation =
    Relation::new(("artifact_collection", "flow_run_id"), ("flow_run", "id"));
pub(crate) const TASK_RUN_OF_COLLECTION: Relation =
    Relation::new(("artifact_collection", "task_run_id"), ("task_run", "id"));
