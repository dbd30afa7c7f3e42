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
            ["sign-in" | "register"] | ["auth", "client"] => Self::Doors,
            ["my", "api-keys"] => Self::Keys,
            ["help"] | ["account", _, "workspace", _, "first-run"] => Self::Help,
            ["my", "sign-in"] | ["account", _, "workspace", _, "settings"] => Self::Settings,
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
            Self::Doors => load_doors().await,
            Self::Workspaces => load_workspaces().await,
            Self::Settings => load_settings().await,
            Self::Keys => load_keys().await,
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

/// Cuts a part: an enum of its pages, a function that loads it, and one that shows a page of it.
macro_rules! part {
    ($name:ident, $load:ident, $pages:ident { $($page:ident => $view:ident),+ $(,)? }) => {
        /// The pages of a part.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum $pages {
            $($page),+
        }

        /// A page of the part, which is loaded if it is not there.
        ///
        /// # Errors
        /// [`Error::Unreachable`] if it can't be had.
        #[wasm_split($name, preload($load), fallible)]
        pub fn $name(page: $pages) -> Result<AnyView, Error> {
            Ok(match page {
                $($pages::$page => view! { <$view /> }.into_any()),+
            })
        }
    };
}

part!(doors, load_doors, Doors { SignIn => SignInPage, Register => RegisterPage, Client => ClientSignInPage });
part!(workspaces, load_workspaces, Workspaces { List => WorkspacesPage, New => NewWorkspacePage });
part!(settings, load_settings, Settings { Workspace => WorkspaceSettingsPage, Mine => MySignInPage });
part!(keys, load_keys, Keys { Api => ApiKeysPage });
part!(help, load_help, Help { Steps => HelpPage, FirstRun => FirstRunPage });
part!(runs, load_runs, Runs { List => RunsPage });
part!(run, load_run, Run { Flow => RunPage });

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
            ("/my/sign-in", "settings"),
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
