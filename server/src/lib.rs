//! The program `provost`: settings, command line, HTTP listener, the middleware around API and pages, and the live socket of pages.
//!
//! The crate wires the other crates together. What a caller may do, and what happens to runs, people and workspaces, is decided in
//! `control` and `engine`, also for the commands of `provost admin`.

pub mod cli;
pub mod config;
pub mod http;
pub mod listener;
pub mod telemetry;
pub mod verb;
pub mod web;
pub mod wiring;
