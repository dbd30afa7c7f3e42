//! Background services: loops that clean up and compact data.
//!
//! - [`service`]: the trait; each service has its own file;
//! - [`runner`]: starts, wakes and stops the services, and records their status, which [`control::server`] shows to administrators.
//!
//! A service contains no rules of its own: it calls `control` and `store` in bounded, idempotent batches. Services know no transport and no
//! page.

pub mod counter_folder;
pub mod late_runs;
pub mod lease_reaper;
pub mod runner;
pub mod service;
pub mod session_reaper;
mod status;
pub mod workspace_reaper;

pub use counter_folder::CounterFolder;
pub use late_runs::LateRuns;
pub use lease_reaper::LeaseReaper;
pub use runner::Services;
pub use service::{Report, Service};
pub use session_reaper::SessionReaper;
pub use workspace_reaper::WorkspaceReaper;
