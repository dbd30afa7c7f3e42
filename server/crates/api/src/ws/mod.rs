//! The websockets. They outlive the request that opened them, so each checks its caller's permission repeatedly.

mod access_watch;
mod auth;
mod close;
pub(crate) mod event;
