//! The vocabulary: ids, states, wire types, filters and their validation.
//!
//! Shared by the server and the pages, so it builds for wasm. It knows no database, no transport and no clock.

pub mod id;
pub mod policy;
pub mod state;
pub mod time;
