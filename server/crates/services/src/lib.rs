//! Background loops: what the server does without being asked.
//!
//! - [`service`]: what a loop is; one file a loop;
//! - [`runner`]: runs them, wakes them, stops them; [`status`]: how they are doing.
//!
//! A loop decides nothing itself: it calls `control` and `store` in bounded batches, and doing it twice changes nothing. Loops know no
//! transport and no page.

pub mod counter_folder;
pub mod lease_reaper;
pub mod runner;
pub mod service;
pub mod session_reaper;
pub mod status;
pub mod workspace_reaper;

pub use counter_folder::CounterFolder;
pub use lease_reaper::LeaseReaper;
pub use runner::Services;
pub use service::{Report, Service};
pub use session_reaper::SessionReaper;
pub use status::{Outcome, Status, Tick};
pub use workspace_reaper::WorkspaceReaper;
