//! The use cases: one function for each thing that a caller can do, with the permission that it requires.
//!
//! - [`cx`]: the context of every use case (database, clock, ids, settings);
//! - [`access`]: authenticates callers and authorizes them for a workspace, an account or the whole server;
//! - [`error`]: the error type of all use cases, which the API and the pages map to responses;
//! - [`changes`]: the subscribers of what writes commit;
//! - the other modules: the use cases of one kind of object each.
//!
//! REST handlers and server functions only call these functions. This crate must not know HTTP or HTML; its SQL is in `store`, the rules of
//! states and limits are in `engine`.

pub mod access;
pub mod account;
pub mod api_key;
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
pub mod local;
pub mod log;
pub mod person;
pub mod ready;
mod run_name;
pub mod screen;
pub mod server;
pub mod session;
pub mod settings;
pub mod task_run;
pub mod workspace;
mod write_context;

pub use cx::Cx;
pub use error::{Error, Result};
pub use store::changes;
