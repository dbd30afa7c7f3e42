#![doc = include_str!("../README.md")]

pub mod counter_folder;
pub mod late_runs;
pub mod lease_reaper;
pub mod name_indexer;
pub mod runner;
pub mod service;
pub mod session_reaper;
mod status;
pub mod workspace_reaper;

pub use counter_folder::CounterFolder;
pub use late_runs::LateRuns;
pub use lease_reaper::LeaseReaper;
pub use name_indexer::NameIndexer;
pub use runner::Services;
pub use service::{Report, Service};
pub use session_reaper::SessionReaper;
pub use workspace_reaper::WorkspaceReaper;
