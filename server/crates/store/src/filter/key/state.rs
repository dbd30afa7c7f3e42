//! States.
//!
//! Most states go by the name of their type, so the indexes distinguish default and custom names. The indexes of types list both apart; that
//! of names lists the custom ones alone.

use std::collections::BTreeSet;

use model::{
    filter::{Operator, StateFilter},
    state::StateType,
};
use sea_query::{CaseStatement, Cond, Expr, ExprTrait};

use super::Key;
use crate::filter::{
    access::{Access, Range, Ranges, joined},
    condition::{OptionalCond, all, any_of, column, join, none_of, single},
    key_column::KeyColumn,
};

/// The most custom names of which each is a range of its own.
const MAX_SPLIT_NAMES: usize = 8;

impl Key for StateFilter {
    fn condition(&self, about: KeyColumn) -> OptionalCond {
        let by_type = self.state_type.as_ref().and_then(|types| {
            let column = || about.sibling("state_type").expr();
            let any = types.any_.as_ref().map(|types| any_of(column(), types.iter().map(|ty| ty.as_str())));
            all([any, types.not_any_.as_ref().and_then(|types| none_of(column(), types.iter().map(|ty| ty.as_str())))])
        });
        let by_name = self.name.as_ref().and_then(|names| {
            let column = || about.sibling("state_name").expr();
            let any = names.any_.as_ref().map(|names| any_of(column(), names.iter().cloned()));
            all([any, names.not_any_.as_ref().and_then(|names| none_of(column(), names.iter().cloned()))])
        });
        join(self.operator, [by_type, by_name])
    }

    fn access(&self, about: KeyColumn) -> Access {
        let states = States { about };
        if let Some((types, names)) = types_or_names(self) {
            return states.typed_or_named(&types, &names).into();
        }
        let types = self.state_type.as_ref().map(|types| {
            let any = types.any_.as_ref().map(|types| states.typed(&types.iter().copied().collect()).into());
            let not_any = types.not_any_.as_ref().filter(|types| !types.is_empty()).map(|types| {
                states.typed(&StateType::ALL.into_iter().filter(|ty| !types.contains(ty)).collect()).into()
            });
            Access::all([any, not_any].into_iter().flatten())
        });
        let names = self.name.as_ref().map(|names| {
            let set = |names: &Vec<String>| names.iter().cloned().collect::<BTreeSet<_>>();
            let any = names.any_.as_ref().map(|names| states.typed_or_named(&BTreeSet::new(), &set(names)).into());
            let not_any = names.not_any_.as_ref().filter(|names| !names.is_empty());
            Access::all(any.into_iter().chain(not_any.map(|names| states.not_named(&set(names)).into())))
        });
        joined(self.operator, [types, names])
    }
}

/// The types in the order of the indexes' conditions, because databases compare the two literally.
const TYPES: [StateType; 9] = [
    StateType::Completed,
    StateType::Running,
    StateType::Pending,
    StateType::Scheduled,
    StateType::Failed,
    StateType::Crashed,
    StateType::Cancelled,
    StateType::Cancelling,
    StateType::Paused,
];

/// Whether the name is that of the type.
fn is_default_name(about: KeyColumn, expected: bool) -> Expr {
    let default = TYPES.into_iter().fold(CaseStatement::new(), |case, state_type| {
        let typed = column(about.table, "state_type").eq(Expr::Constant(state_type.as_str().into()));
        case.case(typed, Expr::Constant(state_type.default_name().into()))
    });
    let name = column(about.table, "state_name");
    if expected { name.eq(default) } else { name.ne(default) }
}

/// The ranges of the indexes of states.
struct States {
    about: KeyColumn,
}

impl States {
    fn of_type(&self, state_type: StateType, default_name: bool) -> Range {
        let typed = self.about.sibling("state_type").expr().eq(state_type.as_str());
        Range::Rows(single(typed).add(is_default_name(self.about, default_name)))
    }

    fn typed(&self, types: &BTreeSet<StateType>) -> Ranges {
        let both = types.iter().flat_map(|ty| [self.of_type(*ty, true), self.of_type(*ty, false)]);
        Ranges::new(both).in_order_of("sort_time")
    }

    /// The states with one of these types or one of these names.
    fn typed_or_named(&self, types: &BTreeSet<StateType>, names: &BTreeSet<String>) -> Ranges {
        let typed = self.typed(types).ranges.into_iter();
        let untyped = || StateType::ALL.into_iter().filter(|ty| !types.contains(ty));
        let default = untyped().filter(|ty| names.contains(ty.default_name())).map(|ty| self.of_type(ty, true));
        let name = || self.about.sibling("state_name").expr();
        let other_types = none_of(self.about.sibling("state_type").expr(), types.iter().map(|ty| ty.as_str()));
        let custom =
            |named: Cond| Range::Rows(named.add(is_default_name(self.about, false)).add_option(other_types.clone()));
        if names.len() > MAX_SPLIT_NAMES {
            return Ranges::new(typed.chain(default).chain([custom(any_of(name(), names.iter().cloned()))]));
        }
        let named = names.iter().map(|named| custom(single(name().eq(named.as_str()))));
        Ranges::new(typed.chain(default).chain(named)).in_order_of("sort_time")
    }

    /// The states with none of these names.
    fn not_named(&self, names: &BTreeSet<String>) -> Option<Ranges> {
        let default = StateType::ALL.into_iter().filter(|ty| !names.contains(ty.default_name()));
        let default = default.map(|ty| self.of_type(ty, true));
        let custom = Ranges::between(self.about.sibling("state_name"), names.iter().cloned())?.ranges;
        let custom = custom.into_iter().filter_map(|range| match range {
            Range::Rows(between) => Some(Range::Rows(between.add(is_default_name(self.about, false)))),
            Range::Ids(..) | Range::Known(_) => None,
        });
        Some(Ranges::new(default.chain(custom)))
    }
}

/// The types and the names, if the filter matches the states that have one of the types or one of the names.
fn types_or_names(filter: &StateFilter) -> Option<(BTreeSet<StateType>, BTreeSet<String>)> {
    let (types, names) = (filter.state_type.as_ref()?, filter.name.as_ref()?);
    let plain = filter.operator == Operator::Or && types.not_any_.is_none() && names.not_any_.is_none();
    let (types, names) = (types.any_.as_ref().filter(|_| plain)?, names.any_.as_ref()?);
    Some((types.iter().copied().collect(), names.iter().cloned().collect()))
}
