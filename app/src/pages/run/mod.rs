//! The page of one flow run: details, log lines, task runs, states and parameters, updated while it runs.

mod detail_list;
mod failure;
mod linked_row;
mod live_run;
mod logs;
mod page;
mod parameters;
mod server;
mod states;
mod tabs;
mod task_order;
mod tasks;
mod view;

pub use page::RunPage;
pub use tabs::{load_run_parameters, load_run_tasks};
