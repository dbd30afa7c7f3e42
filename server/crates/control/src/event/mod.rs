//! Events: kept once each, and what they tell of task runs is recorded in the same write.

mod record;
mod task_run;

pub use record::{MOST_EVENTS, record};
