//! Runs real programs: the unmodified clients, the reference server and Provost, and reads what a server has stored. Uses only
//! public interfaces (HTTP, the command line) and must not know a table or a use case. `browser` also uses the types that pages
//! exchange with the server.

pub mod api;
pub mod browser;
pub mod client;
pub mod database;
pub mod fault;
pub mod file;
pub mod lifecycle;
pub mod load;
pub mod measure;
pub mod process;
pub mod provost;
pub mod reference;
pub mod snapshot;
