#![doc = include_str!("../README.md")]

pub mod access;
pub mod account;
pub mod api_key;
pub mod artifact;
pub mod audit;
pub mod block;
pub mod clock;
pub mod concurrency;
pub mod cx;
pub mod error;
pub mod event;
pub mod flow;
pub mod flow_run;
mod form;
mod handle;
pub mod ids;
pub mod keyed_limiter;
pub mod list;
pub mod local;
pub mod log;
pub mod name;
pub mod person;
pub mod ready;
mod run_name;
pub mod screen;
pub mod server;
pub mod session;
pub mod settings;
pub mod task_run;
pub mod variable;
pub mod workspace;
mod write_context;

pub use cx::Cx;
pub use error::{Error, Noun, Result};
pub use store::changes;
