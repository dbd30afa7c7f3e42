//! Lists and counts of rows that match a client's query. sea-query writes the SQL, and a client's input is only ever bound as a value.
//!
//! Each noun has a file with two tables: the column of each key of its filter, and the column of each order of its list.
//!
//! So that no list reads more rows the longer the history is, the rows are found in one of two ways ([`selection`]). The index of one of the
//! conditions finds up to 1,000 rows, which are sorted. If every condition matches more rows than that, the index of the order is walked, and
//! rows that do not match are passed; where an index has both the condition and the order, none is.

mod access;
mod artifact;
mod condition;
mod flow;
mod flow_run;
mod key;
mod key_column;
mod list;
mod log;
mod name_part;
mod relation;
mod selection;
mod task_run;
mod variable;

pub use access::Access;
pub use artifact::LatestArtifacts;
pub use flow_run::{ListedRun, ListedRuns, flow_runs_counted_by_state};
pub use key_column::KeyColumn;
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

        impl $crate::filter::selection::Conditions for $filter {
            fn condition(&self, unindexed: bool) -> Option<sea_query::Cond> {
                let Self { operator, $($field),* } = self;
                $crate::filter::condition::join_keys(*operator, [$(
                    $field.as_ref().filter(|filter| $crate::filter::key::Key::is_sent(*filter)).map(|filter| {
                        let column = $crate::filter::KeyColumn::new($table, $column).with_unindexed(unindexed);
                        $crate::filter::key::Key::condition(filter, column)
                    })
                ),*])
            }

            fn access(&self, embedded: bool) -> $crate::filter::access::Access {
                let Self { operator, $($field),* } = self;
                $crate::filter::access::joined(*operator, [$(
                    $field.as_ref().filter(|filter| $crate::filter::key::Key::is_sent(*filter)).map(|filter| {
                        let column = $crate::filter::KeyColumn::new($table, $column).with_embedded(embedded);
                        $crate::filter::key::Key::access(filter, column)
                    })
                ),*])
            }
        }
    };
}
use filter_columns;
