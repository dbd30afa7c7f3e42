//! The server's own parts through real sockets, and the program as it is typed.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod administration;
mod guard;
mod listener;
mod program;
