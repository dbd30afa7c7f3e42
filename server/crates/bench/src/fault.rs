//! Faults of a server under write load: a kill, a full disk, a missing sync. Each check uses only the server's public API and
//! compares what the server acknowledged with what it stored. Must not know the caller: tests use few writes, `prove` more.

pub mod crash;
pub mod full;
pub mod trace;
pub mod writers;
