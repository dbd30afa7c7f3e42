//! Lists and counts of rows that match a client's query. sea-query writes the SQL, and a client's input is only ever bound as a value.
//!
//! The file of a noun has two tables: the column of each key of its filter, and the column of each order of its list.
//!
//! So that no list reads more rows the longer the history is, the rows are found in one of two ways ([`selection`]). The index of one of the
//! conditions finds up to 1,000 rows, which are sorted. If every condition matches more rows than that, the index of the order is walked, and
//! rows that do not match are passed; where an index has both the condition and the order, none is.

mod absence;
mod access;
mod condition;
mod key;
mod key_column;
mod latest_artifacts;
mod list;
mod name_part;
pub(crate) mod relation;
mod selection;

use model::filter::Operator;
use sea_query::Cond;

pub use access::Access;
pub(crate) use key::Key;
pub use key_column::KeyColumn;
pub use latest_artifacts::LatestArtifacts;
pub use list::{List, SortBy, Window};
pub(crate) use list::{count, rows};
pub use selection::{Conditions, Filter, Selection};

/// Declares the column of each key of a filter.
macro_rules! filter_columns {
    ($filter:ident on $table:literal { $($field:ident: $column:literal,)* }) => {
        impl $crate::filter::Filter for $filter {
            const KEYS: &'static [(&'static str, $crate::filter::KeyColumn)] =
                &[$((stringify!($field), $crate::filter::KeyColumn::new($table, $column))),*];
        }

        impl $crate::filter::Conditions for $filter {
            fn condition(&self, unindexed: bool) -> Option<sea_query::Cond> {
                let Self { operator, $($field),* } = self;
                let keys = [$($field.as_ref().map(|key| key as &dyn $crate::filter::Key)),*];
                $crate::filter::condition_of::<Self>(*operator, keys, unindexed)
            }

            fn access(&self, embedded: bool) -> $crate::filter::Access {
                let Self { operator, $($field),* } = self;
                let keys = [$($field.as_ref().map(|key| key as &dyn $crate::filter::Key)),*];
                $crate::filter::access_of::<Self>(*operator, keys, embedded)
            }
        }
    };
}
pub(crate) use filter_columns;

/// The condition of a filter with these keys, in the order of their declaration.
pub(crate) fn condition_of<'f, F: Filter>(
    operator: Operator,
    keys: impl IntoIterator<Item = Option<&'f dyn Key>>,
    unindexed: bool,
) -> Option<Cond> {
    let condition = |(key, column): (&dyn Key, KeyColumn)| key.condition(column.with_unindexed(unindexed));
    condition::join_keys(operator, sent::<F>(keys).map(|key| key.map(condition)))
}

/// How indexes find the rows of a filter with these keys.
pub(crate) fn access_of<'f, F: Filter>(
    operator: Operator,
    keys: impl IntoIterator<Item = Option<&'f dyn Key>>,
    embedded: bool,
) -> Access {
    let access = |(key, column): (&dyn Key, KeyColumn)| key.access(column.with_embedded(embedded));
    access::joined(operator, sent::<F>(keys).map(|key| key.map(access)))
}

/// The keys that were sent, with their columns.
fn sent<'f, F: Filter>(
    keys: impl IntoIterator<Item = Option<&'f dyn Key>>,
) -> impl Iterator<Item = Option<(&'f dyn Key, KeyColumn)>> {
    let columns = F::KEYS.iter().map(|(_, column)| *column);
    keys.into_iter().zip(columns).map(|(key, column)| key.filter(|key| key.is_sent()).map(|key| (key, column)))
}
