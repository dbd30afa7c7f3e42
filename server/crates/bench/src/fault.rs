//! What can go wrong below a server that writes: a kill, a full disk, a sync that is left out. Each of these drives a
//! server by its public API alone and compares what it acknowledged with what it stored. Must not know who asks: tests
//! with few writes, `prove` with more.

pub mod crash;
pub mod full;
pub mod trace;
pub mod writers;
