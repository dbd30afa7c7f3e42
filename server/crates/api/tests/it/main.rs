//! Tests of the complete API from a client's view: they use the table of routes and the real router.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod access;
mod client;
mod contract;
mod contract_file;
mod differential;
mod fixture;
mod frames;
mod hostile;
mod mutation;
mod not_built;
mod nouns;
mod openapi;
mod overload;
mod runs;
mod socket;
mod urls;
