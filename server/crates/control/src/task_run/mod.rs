//! Task runs. Older clients create them and set their states over HTTP; those of newer clients are recorded from events (see
//! [`crate::event`]).

mod create;
mod list;
mod read;
mod set_state;
mod transition;

pub use create::create;
pub(crate) use create::labels;
pub use read::{read, states};
pub use set_state::set_state;
pub(crate) use transition::{CounterKey, counter_cell_of, mirror, retry_failed};
