//! Tests of the server's parts through real sockets, and of the program through its command line.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod administration;
mod guard;
mod listener;
mod program;
