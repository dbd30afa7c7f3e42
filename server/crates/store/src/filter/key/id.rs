//! Ids.

use model::filter::{IdFilter, OptionalIdFilter};
use uuid::Uuid;

use super::Key;
use crate::filter::{
    access::{Access, Ranges, joined},
    condition::{OptionalCond, all, any_of, join, none_of, null_or_not},
    key_column::KeyColumn,
};

impl<T: Copy + Into<Uuid>> Key for IdFilter<T> {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|ids| any_of(about.expr(), uuids(ids)));
        let not_any = self.not_any_.as_ref().and_then(|ids| none_of(about.expr(), uuids(ids)));
        all([any, not_any])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let any = self.any_.as_ref().map(|ids| Ranges::ids_of(about, uuids(ids)).into());
        let not_any = self.not_any_.as_ref().filter(|ids| !ids.is_empty()).map(|ids| match about.name {
            // Only so few rows are left out that it costs nothing to pass them.
            "id" => Access::scan(),
            _ => Ranges::between(about, uuids(ids)).into(),
        });
        Access::all([any, not_any].into_iter().flatten())
    }
}

impl<T: Copy + Into<Uuid>> Key for OptionalIdFilter<T> {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let any = self.any_.as_ref().map(|ids| any_of(about.expr(), uuids(ids)));
        join(self.operator, [any, self.is_null_.map(|null| null_or_not(&about.expr(), null))])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let any = self.any_.as_ref().map(|ids| Ranges::ids_of(about, uuids(ids)).into());
        let null = self.is_null_.as_ref().map(|null| Ranges::null(about, *null, Uuid::nil()).into());
        joined(self.operator, [any, null])
    }
}

fn uuids<T: Copy + Into<Uuid>>(ids: &[T]) -> impl Iterator<Item = Uuid> {
    ids.iter().map(|id| (*id).into())
}
