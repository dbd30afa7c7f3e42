//! The routes of the site, from the route table: which page a path shows, in which layout, and who may see it.

mod pattern;
mod router;

use std::pin::Pin;

use leptos::prelude::*;
pub use router::{SSR_MODE, SiteRoutes};

use crate::{
    error::Error,
    layout::{PersonalLayout, PublicLayout, WorkspaceLayout},
    loaded::LoadError,
    pages::{
        client_links::{BareClientLink, ClientLink},
        workspaces::RedirectToRuns,
    },
    parts::{self, Part},
};

/// The frame around a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Layout {
    /// None: the page fills the window.
    Bare,
    /// The frame of pages that require no sign-in.
    Public,
    /// The frame of pages outside of workspaces.
    Personal,
    /// The frame of a workspace's pages.
    Workspace,
}

/// Who may see a page. The page's server functions check it; the access test compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Everyone.
    Public,
    /// People who have signed in.
    Person,
    /// Administrators of the server.
    Administrator,
    /// Members of the workspace.
    Workspace,
}

impl Layout {
    /// What the paths of its pages begin with.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Bare | Self::Public | Self::Personal => "",
            Self::Workspace => "/account/{account}/workspace/{workspace}",
        }
    }

    fn view(self) -> Option<fn() -> AnyView> {
        match self {
            Self::Bare => None,
            Self::Public => Some(|| view! { <PublicLayout /> }.into_any()),
            Self::Personal => Some(|| view! { <PersonalLayout /> }.into_any()),
            Self::Workspace => Some(|| view! { <WorkspaceLayout /> }.into_any()),
        }
    }
}

/// A row of the route table.
#[derive(Debug)]
pub struct Route {
    pub layout: Layout,
    pub access: Access,
    /// The part of the wasm with its code; none for pages that only redirect.
    pub part: Option<Part>,
    /// Below the layout's prefix.
    path: &'static str,
    view: fn() -> AnyView,
}

impl Route {
    /// Its path from the site's root. `{name}` stands for one segment, `{*name}` for all segments until the end.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}{}", self.layout.prefix(), self.path)
    }
}

/// Defines [`ROUTES`].
macro_rules! routes {
    (
        $(part $part:ident = $name:ident, $load:ident {
            $($page:ident $layout:ident $access:ident $path:literal $link:ident $arguments:tt;)+
        })+
        redirects {
            $($redirect:ident $to_layout:ident $to_access:ident $to_path:literal;)+
        }
    ) => {
        /// All routes. The first that matches a path has its page.
        pub const ROUTES: &[Route] = &[
            $($(Route {
                layout: Layout::$layout,
                access: Access::$access,
                part: Some(Part::$part),
                path: $path,
                view: || when_loaded(Box::pin(parts::$name(parts::$part::$page))),
            },)+)+
            $(Route {
                layout: Layout::$to_layout,
                access: Access::$to_access,
                part: None,
                path: $to_path,
                view: || view! { <$redirect /> }.into_any(),
            },)+
        ];
    };
}

route_table!(routes);

/// The part of the wasm with the page at a path. The not-found page, and pages that only redirect, belong to none.
#[must_use]
pub fn part_of(path: &str) -> Option<Part> {
    router::find(path).and_then(|found| found.route().part)
}

type LoadedPage = Pin<Box<dyn Future<Output = Result<AnyView, Error>> + Send>>;

/// The view of a page once its part is loaded: at once if it is loaded already.
fn when_loaded(page: LoadedPage) -> AnyView {
    Suspend::new(async move {
        match page.await {
            Ok(view) => view,
            Err(error) => view! { <LoadError error subject="this page" full_page=true /> }.into_any(),
        }
    })
    .into_any()
}

#[cfg(test)]
mod tests;
