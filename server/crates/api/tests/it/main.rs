//! What must hold of the whole surface: seen from outside, through the table of routes and the real router.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod access;
mod client;
mod contract;
mod frames;
mod hostile;
mod house;
mod load;
mod mutation;
mod runs;
mod shape;
mod socket;
mod spelling;
