//! The site's wasm comes in parts. The frame, and what every page needs, is loaded first; the pages of a part are loaded together, when
//! the first of them is opened. The build splits the wasm at the functions below.
//!
//! A page may be named only in its part: any other use moves its code back into the wasm that every page loads.

use std::future::Future;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    error::Error,
    loaded::LoadError,
    pages::{
        api_keys::ApiKeysPage,
        client_sign_in::ClientSignInPage,
        first_run::FirstRunPage,
        help::HelpPage,
        my_sign_in::MySignInPage,
        register::RegisterPage,
        run::RunPage,
        runs::RunsPage,
        services::ServicesPage,
        sign_in::SignInPage,
        workspaces::{NewWorkspacePage, WorkspaceSettingsPage, WorkspacesPage},
    },
};

impl From<SplitLoaderError> for Error {
    fn from(_: SplitLoaderError) -> Self {
        Self::Unreachable
    }
}

/// The view of a page once its part is loaded: at once if it is loaded already.
pub fn when_loaded(page: impl Future<Output = Result<AnyView, Error>> + Send + 'static) -> AnyView {
    Suspend::new(async move {
        match page.await {
            Ok(view) => view,
            Err(error) => view! { <LoadError error subject="this page" full_page=true /> }.into_any(),
        }
    })
    .into_any()
}

/// Defines [`Part`], and for each part an enum of its pages and the function that renders one of them; the build splits at that function.
macro_rules! parts {
    ($($part:ident = $name:ident, $load:ident { $($page:ident => $view:ident),+ $(,)? })+) => {
        /// A part of the wasm: pages whose code is loaded together.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Part {
            $($part),+
        }

        impl Part {
            /// Its name in the wasm's file name and in the build's manifest.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$part => stringify!($name)),+
                }
            }

            /// Loads the part. A page of it can be hydrated only afterwards: hydration needs all of its code at once.
            ///
            /// # Errors
            /// [`Error::Unreachable`] if it can't be loaded.
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

            /// A page of the part, which is loaded first if needed.
            ///
            /// # Errors
            /// [`Error::Unreachable`] if it can't be loaded.
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
    Auth = auth, load_auth { SignIn => SignInPage, Register => RegisterPage, Client => ClientSignInPage }
    Workspaces = workspaces, load_workspaces { List => WorkspacesPage, New => NewWorkspacePage }
    Settings = settings, load_settings { Workspace => WorkspaceSettingsPage, MySignIn => MySignInPage }
    Keys = keys, load_keys { List => ApiKeysPage }
    Help = help, load_help { Steps => HelpPage, FirstRun => FirstRunPage, Services => ServicesPage }
    Runs = runs, load_runs { List => RunsPage }
    Run = run, load_run { FlowRun => RunPage }
}

impl Part {
    /// The part of the page at a path. The not-found page, and pages that only redirect, belong to none.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        Some(match segments.as_slice() {
            [] | ["workspaces", "new"] => Self::Workspaces,
            ["sign-in" | "register"] | ["auth", "client"] => Self::Auth,
            ["my", "api-keys"] => Self::Keys,
            ["help"] | ["server", "services"] | ["account", _, "workspace", _, "first-run"] => Self::Help,
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
    fn page_paths_map_to_their_part() {
        let of = |path| Part::of(path).map(Part::name);
        let known = [
            ("/", "workspaces"),
            ("/workspaces/new", "workspaces"),
            ("/sign-in", "auth"),
            ("/auth/client/", "auth"),
            ("/my/sign-in", "settings"),
            ("/server/services", "help"),
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
