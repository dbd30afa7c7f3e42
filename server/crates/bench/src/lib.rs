#![doc = include_str!("../README.md")]

pub mod api;
pub mod browser;
pub mod client;
pub mod database;
pub mod fault;
pub mod file;
pub mod lifecycle;
pub mod load;
pub mod measure;
pub mod process;
pub mod provost;
pub mod reference;
pub mod snapshot;
