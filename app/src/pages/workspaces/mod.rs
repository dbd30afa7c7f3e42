//! Workspaces: the list of them, a new one, and the settings of one.

mod form;
mod list;
mod server;
mod settings;
mod to_runs;

pub use form::NewWorkspacePage;
pub use list::WorkspacesPage;
pub use settings::WorkspaceSettingsPage;
pub use to_runs::ToRuns;
