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

/// Makes [`Part`], and of each part an enum of its pages and the function that shows one, at which the build cuts.
macro_rules! parts {
    ($($part:ident = $name:ident, $load:ident { $($page:ident => $view:ident),+ $(,)? })+) => {
        /// A part: what is loaded together.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Part {
            $($part),+
        }

        impl Part {
            /// What it is called where it is cut.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$part => stringify!($name)),+
                }
            }

            /// Loads it. Only then can a page of it be taken over from the server, whose every node must be there at once.
            ///
            /// # Errors
            /// [`Error::Unreachable`] if it can't be had.
            pub async fn load(self) -> Result<(), Error> {
                Ok(match self {
                    $(Self::$part => $load().await),+
                }?)
            }
        }

        $(
            /// The pages of a part.
            #[derive(Clone, Copy, PartialEq, Eq, Debug)]
            #[repr(u8)]
            pub enum $part {
                $($page),+
            }

            /// A page of the part, which is loaded if it is not there.
            ///
            /// # Errors
            /// [`Error::Unreachable`] if it can't be had.
            #[wasm_split($name, preload($load), fallible)]
            pub fn $name(page: $part) -> Result<AnyView, Error> {
                Ok(match page {
                    $($part::$page => view! { <$view /> }.into_any()),+
                })
            }
        )+
    };
}

parts! {
    Doors = doors, load_doors { SignIn => SignInPage, Register => RegisterPage, Client => ClientSignInPage }
    Workspaces = workspaces, load_workspaces { List => WorkspacesPage, New => NewWorkspacePage }
    Settings = settings, load_settings { Workspace => WorkspaceSettingsPage, Mine => MySignInPage }
    Keys = keys, load_keys { Api => ApiKeysPage }
    Help = help, load_help { Steps => HelpPage, FirstRun => FirstRunPage }
    Runs = runs, load_runs { List => RunsPage }
    Run = run, load_run { Flow => RunPage }
}

impl Part {
    /// That of the page at a path. The page for what is not there, and those that lead on at once, belong to none.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let steps: Vec<_> = path.split('/').filter(|step| !step.is_empty()).collect();
        Some(match steps.as_slice() {
            [] | ["workspaces", "new"] => Self::Workspaces,
            ["sign-in" | "register"] | ["auth", "client"] => Self::Doors,
            ["my", "api-keys"] => Self::Keys,
            ["help"] | ["account", _, "workspace", _, "first-run"] => Self::Help,
            ["my", "sign-in"] | ["account", _, "workspace", _, "settings"] => Self::Settings,
            ["account", _, "workspace", _, "runs", "flow-run", _] => Self::Run,
            ["account", _, "workspace", _, "runs"] => Self::Runs,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Part;

    #[test]
    fn an_address_tells_its_part() {
        let of = |path| Part::of(path).map(Part::name);
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
            assert_eq!(of(path), Some(part), "{path}");
        }
        for none in ["/nowhere", "/account/1/workspace/2", "/flows/flow/3"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
