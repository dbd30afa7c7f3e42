//! What must hold of the whole surface: seen from outside, through the table of routes and the real router.

mod access;
mod client;
mod contract;
mod hostile;
mod runs;
mod socket;
mod spelling;
