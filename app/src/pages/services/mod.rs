//! The page of the server for its administrators: version, database, and the status of the background services.

mod page;
mod server;

pub use page::ServicesPage;
