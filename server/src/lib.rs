//! The program: settings, the command line, the listener, and what stands around API and pages.
//!
//! It wires the other crates together and decides nothing about runs, people or workspaces.

pub mod cli;
pub mod config;
pub mod http;
pub mod listener;
pub mod telemetry;
pub mod verb;
pub mod web;
pub mod wiring;
