//! What the pages of runs show: one look at the database a screen, and what is new about it for those who follow it live.
//!
//! A screen carries the mark of the bus that was taken before it was read: whoever follows from that mark on misses nothing.

mod first_run;
mod run;
mod run_list;

pub use first_run::{first_run, first_run_progress};
pub use run::{RunWanted, run, run_news};
pub use run_list::{run_list, run_list_news};
