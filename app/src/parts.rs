//! The site's code comes in parts. The frame, and what every page needs, is loaded first; the pages of a part are loaded together, when
//! the first of them is shown. The build cuts the wasm at the functions below.
//!
//! A page must be named in its part alone, or its code goes back to what everybody loads.

use std::future::Future;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    error::Error,
    loaded::Failed,
    pages::{
        api_keys::ApiKeysPage,
        client_sign_in::ClientSignInPage,
        first_run::FirstRunPage,
        help::HelpPage,
        my_sign_in::MySignInPage,
        register::RegisterPage,
        run::RunPage,
        runs::RunsPage,
        sign_in::SignInPage,
        workspaces::{NewWorkspacePage, WorkspaceSettingsPage, WorkspacesPage},
    },
};

/// A part: what is loaded together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Doors,
    Workspaces,
    Settings,
    Keys,
    Help,
    Runs,
    Run,
}

impl Part {
    /// That of the page at a path. Pages that belong to none, like the one for what is not there, do with any.
    #[must_use]
    pub fn of(path: &str) -> Self {
        let steps: Vec<_> = path.split('/').filter(|step| !step.is_empty()).collect();
        match steps.as_slice() {
            ["sign-in" | "register", ..] | ["auth", "client"] => Self::Doors,
            ["my", ..] => Self::Keys,
            ["help"] | ["account", _, "workspace", _, "first-run"] => Self::Help,
            ["account", _, "workspace", _, "settings"] => Self::Settings,
            ["account", _, "workspace", _, "runs", _, ..] => Self::Run,
            ["account", _, "workspace", _, "runs"] => Self::Runs,
            _ => Self::Workspaces,
        }
    }

    /// What it is called where it is cut.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Doors => "doors",
            Self::Workspaces => "workspaces",
            Self::Settings => "settings",
            Self::Keys => "keys",
            Self::Help => "help",
            Self::Runs => "runs",
            Self::Run => "run",
        }
    }

    /// Loads it. Only then can a page of it be taken over from the server, whose every node must be there at once.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if it can't be had.
    pub async fn load(self) -> Result<(), Error> {
        Ok(match self {
            Self::Doors => load_sign_in().await,
            Self::Workspaces => load_workspaces().await,
            Self::Settings => load_workspace_settings().await,
            Self::Keys => load_api_keys().await,
            Self::Help => load_help().await,
            Self::Runs => load_runs().await,
            Self::Run => load_run().await,
        }?)
    }
}

impl From<SplitLoaderError> for Error {
    fn from(_: SplitLoaderError) -> Self {
        Self::Unreachable
    }
}

/// A page as its route shows it: at once when its part is there, else as soon as it is.
pub fn shown(page: impl Future<Output = Result<AnyView, Error>> + Send + 'static) -> AnyView {
    Suspend::new(async move {
        match page.await {
            Ok(view) => view,
            Err(error) => view! { <Failed error what="this page" whole=true /> }.into_any(),
        }
    })
    .into_any()
}

/// Cuts a page into its part: `name` gives its view, `load` loads the part.
macro_rules! page {
    ($part:ident, $name:ident, $load:ident, $page:ident) => {
        /// The page; it has to be loaded first.
        ///
        /// # Errors
        /// [`Error::Unreachable`] if it can't be had.
        #[wasm_split($part, preload($load), fallible)]
        pub fn $name() -> Result<AnyView, Error> {
            Ok(view! { <$page /> }.into_any())
        }
    };
}

page!(doors, sign_in, load_sign_in, SignInPage);
page!(doors, register, load_register, RegisterPage);
page!(doors, client_sign_in, load_client_sign_in, ClientSignInPage);
page!(workspaces, workspaces, load_workspaces, WorkspacesPage);
page!(workspaces, new_workspace, load_new_workspace, NewWorkspacePage);
page!(settings, workspace_settings, load_workspace_settings, WorkspaceSettingsPage);
page!(keys, api_keys, load_api_keys, ApiKeysPage);
page!(keys, my_sign_in, load_my_sign_in, MySignInPage);
page!(help, help, load_help, HelpPage);
page!(help, first_run, load_first_run, FirstRunPage);
page!(runs, runs, load_runs, RunsPage);
page!(run, run, load_run, RunPage);

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn an_address_tells_its_part() {
        let of = |path| Part::of(path).name();
        let known = [
            ("/", "workspaces"),
            ("/workspaces/new", "workspaces"),
            ("/sign-in", "doors"),
            ("/auth/client/", "doors"),
            ("/my/api-keys", "keys"),
            ("/help", "help"),
            ("/account/1/workspace/2/settings", "settings"),
            ("/account/1/workspace/2/runs", "runs"),
            ("/account/1/workspace/2/runs/flow-run/3", "run"),
            ("/account/1/workspace/2/first-run", "help"),
        ];
        for (path, part) in known {
            assert_eq!(of(path), part, "{path}");
        }
    }
}
