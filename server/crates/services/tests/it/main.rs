//! Background loops on both databases: what a tick does, and how loops are run.
#![expect(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod loops;
mod runner;
