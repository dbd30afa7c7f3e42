//! The path of a workspace itself: it redirects to the runs until there is an overview page.

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::{layout::CurrentWorkspace, links::WorkspacePaths as _};

/// Redirects to the runs.
#[component]
pub fn RedirectToRuns() -> impl IntoView {
    view! { <Redirect path=CurrentWorkspace::expect().workspace_ref().runs_path() /> }.into_any()
}
