//! The page of a workspace's flow runs: the list, its filters, and its live updates.

mod filters;
mod list;
mod list_query;
mod live_list;
mod planned;
mod row_time;
mod rows;
mod server;

pub use list::RunsPage;
