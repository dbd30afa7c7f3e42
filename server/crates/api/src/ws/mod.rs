//! The sockets, one file a noun. They outlive the request that opened them, so each looks again whether its caller still may.

mod close;
pub(crate) mod event;
mod knock;
mod watch;
