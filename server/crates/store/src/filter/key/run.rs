//! Where runs come from.

use model::{
    flow_run::{CreatedByFilter, ParentFlowRunFilter},
    task_run::{FlowRunIdFilter, SubflowRunsFilter},
};
use sea_query::ExprTrait;
use uuid::Uuid;

use super::Key;
use crate::filter::{
    access::{Access, Ranges, joined},
    condition::{OptionalCond, any_of, join, null_or_not, single},
    key_column::KeyColumn,
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
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        self.exists_.map(|exist| single(if exist { about.expr() } else { about.expr().not() }))
    }

    fn access(&self, about: KeyColumn) -> Access {
        self.exists_.map_or_else(Access::default, |exist| Ranges::absent(about, !exist).into())
    }
}

impl Key for ParentFlowRunFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        self.any_.as_ref().map(|ids| any_of(about.expr(), ids.iter().map(|id| id.0)))
    }

    fn access(&self, about: KeyColumn) -> Access {
        let ids = self.any_.as_ref();
        ids.map_or_else(Access::default, |ids| Ranges::ids_of(about, ids.iter().map(|id| id.0)).into())
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
        let null = self.is_null_.map(|null| Ranges::null(about, null, String::new()).into());
        joined(self.operator, [ids, types, null])
    }
}
