//! What the pages read: rows without the JSON columns that only clients need, and counts with an upper bound.

pub mod artifact;
mod log;
mod run;
mod run_list;
mod task_run;

pub use self::{log::*, run::*, run_list::*, task_run::*};
