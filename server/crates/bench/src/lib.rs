//! Real programs around a running server: the unmodified clients, the reference server, Provost itself, and the reader
//! that tells what either of the two has stored. Everything here goes through public doors (HTTP, the command line), so
//! it must not know a table or a use case. `browser` alone reads with the types of the pages what their script reads.

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
pub mod stored;
