//! The use cases on both databases.
#![expect(clippy::unwrap_used, reason = "a test that gets nothing has failed")]

mod accounts;
mod artifact_pages;
mod artifacts;
mod blocks;
mod concurrency;
mod events;
mod first_run;
mod keys;
mod lists;
mod local;
mod people;
mod reaping;
mod run_screen;
mod runs;
mod sessions;
mod task_order;
mod variable_pages;
mod workspaces;
