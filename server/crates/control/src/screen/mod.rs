//! The screens of runs: each is read in one transaction. The updates of a screen are for pages that subscribe to it.
//!
//! A screen carries the stream position that was taken before it was read. A page that subscribes from that position misses nothing.

mod first_run;
mod run;
mod run_list;

pub use first_run::{first_run, first_run_progress};
pub use run::{RunChanges, run, run_update};
pub use run_list::{run_list, run_list_update};
