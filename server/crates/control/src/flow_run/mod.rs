//! Flow runs: creating, reading, listing and editing them, and changing their state. [`set_state`] is the only way to change a state.

mod create;
mod edit;
mod late;
mod list;
mod read;
mod set_state;
mod transition;

pub use create::create;
pub use edit::edit;
pub use late::{MarkedLate, mark_late};
pub use read::{read, states};
pub use set_state::set_state;

pub(crate) use create::merge_labels;
pub(crate) use read::MAX_PAST_STATES;
pub(crate) use transition::{CounterKey, LockedFlowRun, counter_cell, lock};
