//! The domain types: ids, states, request and response bodies, filters, and their validation.
//!
//! The server and the pages share this crate, so it builds for wasm. It must not know databases, transports or the clock.

pub mod api_key;
pub mod audit;
pub mod block;
pub mod concurrency;
pub mod estimate;
pub mod event;
pub mod filter;
pub mod flow;
pub mod flow_run;
pub mod handle;
pub mod id;
pub mod label;
pub mod live;
pub mod log;
pub mod name;
pub mod orchestration;
pub mod page;
pub mod parameters;
pub mod permission;
pub mod policy;
pub mod run;
pub mod screen;
pub mod server;
pub mod state;
pub mod stream_position;
pub mod task_run;
pub mod time;
pub mod user;
pub mod validation;
pub mod wire;
pub mod workspace;
