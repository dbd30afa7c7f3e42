//! The site's wasm comes in parts. The frame, and what every page needs, is loaded first; the pages of a part are loaded together, when
//! the first of them is opened. The build splits the wasm at the functions below, one for each part of the route table.

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::{
    error::Error,
    pages::{
        api_keys::ApiKeysPage,
        artifacts::{ArtifactPage, ArtifactsPage, NewestArtifactPage},
        client_sign_in::ClientSignInPage,
        first_run::FirstRunPage,
        help::HelpPage,
        my_sign_in::MySignInPage,
        register::RegisterPage,
        run::{RunPage, load_run_parameters, load_run_tasks},
        runs::RunsPage,
        services::ServicesPage,
        sign_in::SignInPage,
        variables::VariablesPage,
        workspaces::{NewWorkspacePage, WorkspaceSettingsPage, WorkspacesPage},
    },
};

impl From<SplitLoaderError> for Error {
    fn from(_: SplitLoaderError) -> Self {
        Self::Unreachable
    }
}

/// Defines [`Part`], and for each part an enum of its pages and the function that renders one of them; the build splits at that function.
/// The functions that render tabs are beside their pages.
macro_rules! parts {
    (
        $(part $part:ident = $name:ident, $load:ident {
            $($page:ident $layout:ident $access:ident $path:literal $link:ident $arguments:tt;)+
        } $(tabs {
            $($tab:ident = $tab_name:ident, $load_tab:path, $value:literal;)+
        })?)+
        redirects $redirects:tt
    ) => {
        /// A part of the wasm: pages whose code is loaded together, or a tab of a page.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Part {
            $($part, $($($tab,)+)?)+
        }

        /// The tabs that are parts: the part of the page, the value of `tab` in the page's query, and the part of the tab.
        pub const TABS: &[(Part, &str, Part)] = &[$($($((Part::$part, $value, Part::$tab),)+)?)+];

        impl Part {
            /// Its name in the wasm's file name and in the build's manifest.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$part => stringify!($name), $($(Self::$tab => stringify!($tab_name),)+)?)+
                }
            }

            /// Loads the part. A page of it can be hydrated only afterwards: hydration needs all of its code at once.
            ///
            /// # Errors
            /// [`Error::Unreachable`] if it can't be loaded.
            pub async fn load(self) -> Result<(), Error> {
                Ok(match self {
                    $(Self::$part => $load().await, $($(Self::$tab => $load_tab().await,)+)?)+
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
                    $($part::$page => view! { <$page /> }.into_any()),+
                })
            }
        )+
    };
}

route_table!(parts);
