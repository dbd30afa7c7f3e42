//! Tabs that the page does not show at first. Each is a part of the wasm, which is loaded when the tab is opened. The states are none,
//! since the page shows them also in a card while the run waits.

use leptos::prelude::*;
use model::screen::RunView;
use wasm_split_helpers::wasm_split;

use super::{live_run::LiveRun, parameters::Parameters, tasks::TaskRuns};
use crate::{error::Error, links::WorkspaceRef};

/// The task runs. `reload` reloads the run.
///
/// # Errors
/// [`Error::Unreachable`] if the part can't be loaded.
#[wasm_split(run_tasks, preload(load_run_tasks), fallible)]
pub fn run_tasks(run: LiveRun, workspace: WorkspaceRef, view: RunView, reload: Callback<()>) -> Result<AnyView, Error> {
    Ok(view! { <TaskRuns run workspace view reload /> }.into_any())
}

/// The parameters.
///
/// # Errors
/// [`Error::Unreachable`] if the part can't be loaded.
#[wasm_split(run_parameters, preload(load_run_parameters), fallible)]
pub fn run_parameters(run: LiveRun) -> Result<AnyView, Error> {
    Ok(view! { <Parameters run /> }.into_any())
}
