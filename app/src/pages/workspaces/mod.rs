//! The pages of workspaces: the list, the form for a new one, and the settings.

mod details;
mod form;
mod list;
mod redirect;
mod server;
mod settings;

pub use form::NewWorkspacePage;
pub use list::WorkspacesPage;
pub use redirect::RedirectToRuns;
pub use settings::WorkspaceSettingsPage;
