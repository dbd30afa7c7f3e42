#![doc = include_str!("../README.md")]

pub mod answer;
pub mod case;
pub mod deviation;
pub mod recording;
pub mod rows;
pub mod server;
pub mod session;
pub mod symbols;
