//! The websockets. They outlive the request that opened them, so each checks its caller's permission repeatedly.

mod access_watch;
mod auth;
pub mod close;
pub(crate) mod event;
