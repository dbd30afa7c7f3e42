#![doc = include_str!("../README.md")]

pub mod cli;
pub mod config;
pub mod http;
pub mod listener;
pub mod telemetry;
pub mod verb;
pub mod web;
pub mod wiring;
