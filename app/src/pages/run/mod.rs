//! One flow run: what is known about it, its log lines, task runs, states and parameters, while it works and afterwards.

mod detail;
mod facts;
mod logs;
mod news;
mod ranked;
mod server;
mod states;
mod tasks;
mod trouble;
mod view;

pub use detail::RunPage;
