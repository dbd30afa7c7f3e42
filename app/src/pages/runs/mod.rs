//! The flow runs of a workspace: the list, its filters, and how it follows what happens.

mod asked;
mod filters;
mod list;
mod news;
mod rows;
mod server;

pub use list::RunsPage;
