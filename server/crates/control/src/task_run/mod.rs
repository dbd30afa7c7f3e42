//! Task runs: made and moved over HTTP by older clients, recorded from events for newer ones (see [`crate::event`]).

mod create;
mod list;
mod read;
mod set_state;
mod transition;

pub use create::create;
pub(crate) use create::{labels, tag_rows};
pub use list::list;
pub use read::{read, states};
pub use set_state::set_state;
pub(crate) use transition::{Counted, mirror, place_of, retry_failed};
