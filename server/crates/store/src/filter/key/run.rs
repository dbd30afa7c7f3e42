//! Where runs come from.

use model::{
    flow_run::{CreatedByFilter, ParentFlowRunFilter},
    task_run::{FlowRunIdFilter, SubflowRunsFilter},
};
use sea_query::{ExprTrait, Query};
use uuid::Uuid;

use super::Key;
use crate::filter::{
    access::{Access, Ranges, joined},
    condition::{OptionalCond, any_of, column, constant, join, null_or_not, single},
    key_column::KeyColumn,
    relation::{PARENT_TASK_RUN, SUBFLOW_RUN},
};

impl Key for FlowRunIdFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        match (self.is_null_, &self.any_) {
            (Some(true), _) => Some(null_or_not(&about.expr(), true)),
            (_, Some(ids)) => Some(any_of(about.expr(), ids.iter().map(|id| id.0))),
            (Some(false), None) => Some(null_or_not(&about.expr(), false)),
            (None, None) => None,
        }
    }

    fn access(&self, about: KeyColumn) -> Access {
        match (self.is_null_, &self.any_) {
            (Some(true), _) => Ranges::null(about, true, Uuid::nil()).into(),
            (_, Some(ids)) => Ranges::ids_of(about, ids.iter().map(|id| id.0)).into(),
            (Some(false), None) => Ranges::null(about, false, Uuid::nil()).into(),
            (None, None) => Access::default(),
        }
    }
}

impl Key for SubflowRunsFilter {
    fn condition(&self, _: KeyColumn) -> OptionalCond {
        let subflow = SUBFLOW_RUN.exists(constant(true));
        self.exists_.map(|exist| if exist { subflow } else { subflow.not() })
    }

    fn access(&self, _: KeyColumn) -> Access {
        match self.exists_ {
            None => Access::default(),
            Some(true) => {
                let mut parents = Query::select();
                let parent = column("flow_run", "parent_task_run_id");
                parents.distinct().expr(parent.clone()).from("flow_run").and_where(parent.gte(Uuid::nil()));
                Ranges::ids("flow_run", parents).into()
            }
            Some(false) => Access::scan(),
        }
    }
}

impl Key for ParentFlowRunFilter {
    fn condition(&self, _: KeyColumn) -> OptionalCond {
        let ids = self.any_.as_ref()?;
        Some(PARENT_TASK_RUN.exists(any_of(column("task_run", "flow_run_id"), ids.iter().map(|id| id.0))))
    }

    fn access(&self, _: KeyColumn) -> Access {
        let Some(ids) = &self.any_ else { return Access::default() };
        let of_task_run = column("flow_run", "workspace_id")
            .equals(("task_run", "workspace_id"))
            .and(column("flow_run", "parent_task_run_id").equals(("task_run", "id")));
        let mut children = Query::select();
        children
            .column(("flow_run", "id"))
            .from("task_run")
            .inner_join("flow_run", of_task_run)
            .cond_where(any_of(column("task_run", "flow_run_id"), ids.iter().map(|id| id.0)));
        Ranges::ids("task_run", children).into()
    }
}

impl Key for CreatedByFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let ids = self.id_.as_ref().map(|ids| any_of(about.sibling("created_by_id").expr(), ids.iter().copied()));
        let types = self.type_.as_ref();
        let types = types.map(|types| any_of(about.sibling("created_by_type").expr(), types.iter().cloned()));
        join(self.operator, [ids, types, self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let ids = self.id_.as_ref();
        let ids = ids.map(|ids| Ranges::equal(about.sibling("created_by_id"), ids.iter().copied()).into());
        let types = self.type_.as_ref();
        let types = types.map(|types| Ranges::equal(about.sibling("created_by_type"), types.iter().cloned()).into());
        let null = self.is_null_.map(|null| Ranges::rows(single(is_null(about, null))).into());
        joined(self.operator, [ids, types, null])
    }
}

/// In the text of the indexes' conditions, because databases compare the two literally.
fn is_null(about: KeyColumn, null: bool) -> sea_query::Expr {
    if null { about.expr().is_null() } else { about.expr().is_not_null() }
}
