//! Tests of the background services on both databases: what a tick does, and how the runner runs services.
#![expect(clippy::unwrap_used, reason = "a missing value fails the test")]

mod late_runs;
mod loops;
mod names;
mod runner;
