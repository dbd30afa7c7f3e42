//! The program `provost`: settings, command line, HTTP listener, and the middleware around API and pages.
//!
//! The crate wires the other crates together. It must not contain rules about runs, people or workspaces.

pub mod cli;
pub mod config;
pub mod http;
pub mod listener;
pub mod telemetry;
pub mod verb;
pub mod web;
pub mod wiring;
