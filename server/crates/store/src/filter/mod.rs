//! Turns the filters of `model` into SQL conditions. sea-query writes the text, and a client's input is only ever bound as a value.
//!
//! Each noun has a file with two tables: the column of each key of its filter, and the column of each order of its list.

mod artifact;
mod condition;
mod flow;
mod flow_run;
mod key;
mod list;
mod log;
mod relation;
mod run_list;
mod task_run;
mod variable;

pub use flow_run::flow_runs_counted_by_state;
pub use key::KeyColumn;
pub use list::{Filter, List, count, select};
pub use run_list::{ListedRun, select_matching_runs, select_run_list, select_run_list_ids};

/// Declares the column of each key of a filter.
macro_rules! filter_columns {
    ($filter:ident on $table:literal { $($field:ident: $column:literal,)* }) => {
        impl $crate::filter::Filter for $filter {
            const KEYS: &'static [(&'static str, $crate::filter::KeyColumn)] =
                &[$((stringify!($field), $crate::filter::KeyColumn { table: $table, name: $column })),*];

            fn condition(&self) -> Option<sea_query::Cond> {
                let Self { operator, $($field),* } = self;
                $crate::filter::condition::join(*operator, [$(
                    $field.as_ref().and_then(|filter| {
                        $crate::filter::key::Key::condition(filter, $crate::filter::KeyColumn { table: $table, name: $column })
                    })
                ),*])
            }
        }
    };
}
use filter_columns;
