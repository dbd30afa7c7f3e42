//! The use cases on both databases.

mod blocks;
mod concurrency;
mod events;
mod keys;
mod local;
mod people;
mod reaping;
mod runs;
mod sessions;
mod workspaces;
