#![doc = include_str!("../README.md")]

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
