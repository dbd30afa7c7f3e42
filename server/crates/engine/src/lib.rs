//! The orchestration rules: decides what happens to a run when a client or the server proposes a state for it.
//!
//! The caller loads [`facts`], passes them with a [`transition::Proposal`], and gets a [`decision::Decision`]: the response to the
//! client, the change to write, and its effects. Nothing here is async or uses a database, a socket, a clock or a random source: time,
//! ids and random numbers are in the [`transition::DecisionContext`], so that the same input always gives the same decision.

pub mod api_version;
pub mod bookkeeping;
pub mod concurrency;
pub mod decision;
pub mod facts;
#[cfg(test)]
mod fixture;
mod orchestration;
pub mod policy;
pub mod recorder;
pub mod rules;
pub mod transition;

pub use orchestration::{decide_flow, decide_task, retry_failed_task_run};
