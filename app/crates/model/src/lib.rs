//! The vocabulary: ids, states, wire types, filters and their validation.
//!
//! Shared by the server and the pages, so it builds for wasm. It knows no database, no transport and no clock.

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
pub mod invalid;
pub mod label;
pub mod live;
pub mod log;
pub mod name;
pub mod orchestration;
pub mod page;
pub mod parameters;
pub mod permission;
pub mod policy;
pub mod screen;
pub mod state;
pub mod task_run;
pub mod time;
pub mod user;
pub mod wire;
pub mod workspace;
