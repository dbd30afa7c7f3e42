//! Events: each is stored once, and its task run state is recorded in the same write.

mod record;
mod task_run;

pub use record::{MAX_EVENTS, record};
