//! How objects refer to each other, so that one can be selected by conditions on another.

use sea_query::{Cond, Expr, ExprTrait, Query};

use super::condition::{OptionalCond, all, column, single};

/// A reference between the rows of two tables.
pub(super) struct Relation {
    /// The table whose rows are selected, and its column.
    from: (&'static str, &'static str),
    /// The table that the condition is about, and its column with the same value.
    to: (&'static str, &'static str),
}

impl Relation {
    pub(super) const fn new(from: (&'static str, &'static str), to: (&'static str, &'static str)) -> Self {
        Self { from, to }
    }

    /// Whether a row that fulfils all of the conditions is related. None without a condition.
    pub(super) fn exists<const N: usize>(&self, conditions: [OptionalCond; N]) -> OptionalCond {
        let condition: Cond = all(conditions)?;
        let mut related = Query::select();
        related
            .expr(Expr::value(1))
            .from(self.to.0)
            .and_where(column(self.to.0, "workspace_id").equals((self.from.0, "workspace_id")))
            .and_where(column(self.to.0, self.to.1).equals(self.from))
            .cond_where(condition);
        Some(single(Expr::exists(related)))
    }
}

pub(super) const FLOW_OF_RUN: Relation = Relation::new(("flow_run", "flow_id"), ("flow", "id"));
pub(super) const RUN_OF_FLOW: Relation = Relation::new(("flow", "id"), ("flow_run", "flow_id"));
pub(super) const TASK_RUN_OF_RUN: Relation = Relation::new(("flow_run", "id"), ("task_run", "flow_run_id"));
pub(super) const RUN_OF_TASK_RUN: Relation = Relation::new(("task_run", "flow_run_id"), ("flow_run", "id"));
/// The task run that represents a subflow run in its parent.
pub(super) const PARENT_TASK_RUN: Relation = Relation::new(("flow_run", "parent_task_run_id"), ("task_run", "id"));
pub(super) const SUBFLOW_RUN: Relation = Relation::new(("task_run", "id"), ("flow_run", "parent_task_run_id"));
