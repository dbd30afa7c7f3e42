//! Pure orchestration: what becomes of a run when somebody proposes a state for it.
//!
//! A caller loads [`facts`], hands them over with a [`transition::Proposal`], and gets a [`decision::Decision`]: the answer for the
//! client, what to write, and what else must happen. Nothing in here is async or touches a database, a socket, a clock or a source of
//! randomness: time, ids and draws come in with a [`transition::Moment`], so judging the same thing twice gives the same decision.

pub mod api_version;
mod bookkeeping;
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

pub use orchestration::{begin_flow_run, begin_task_run, decide_flow, decide_task, mirror, retry_failed_task_run};
