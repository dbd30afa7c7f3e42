//! What each type of filter states about a column, and how an index finds the rows.

mod id;
mod number;
mod run;
mod state;
mod tags;
mod text;

use model::filter::Unsupported;

use super::{access::Access, condition::OptionalCond, key_column::KeyColumn};

/// A key of a filter: what a client says about one column.
pub(crate) trait Key {
    /// The condition; none matches every row.
    fn condition(&self, about: KeyColumn) -> OptionalCond;
    /// Whether it counts as sent. A key that was sent without a condition matches every row.
    fn is_sent(&self) -> bool {
        true
    }
    /// How indexes find the rows that match.
    fn access(&self, about: KeyColumn) -> Access;
}

impl Key for Unsupported {
    fn condition(&self, _: KeyColumn) -> OptionalCond {
        None
    }

    fn access(&self, _: KeyColumn) -> Access {
        Access::default()
    }
}
