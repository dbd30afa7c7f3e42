//! The use cases: one function for each thing that a caller can do, with the permission it takes.
//!
//! - [`cx`]: what every use case is given (database, clock, ids, bus, settings);
//! - [`access`]: who calls, and what proof of it a use case demands;
//! - [`error`]: the one error type, mapped once by the API and once by the pages;
//! - the other modules: one a noun.
//!
//! REST handlers and server functions are thin doors into these functions. Control knows neither HTTP nor HTML; SQL it takes from `store`,
//! judgement from `engine`.

pub mod access;
pub mod account;
pub mod api_key;
pub mod audit;
pub mod block;
pub mod bus;
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
pub mod local;
pub mod log;
pub mod person;
pub mod ready;
pub mod screen;
pub mod seats;
pub mod session;
pub mod settings;
mod slug;
mod stamp;
pub mod task_run;
pub mod workspace;

pub use cx::Cx;
pub use error::{Error, Result};
