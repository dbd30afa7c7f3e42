//! The routes of the site, from the route table: which page a path shows, in which layout, and who may see it.

mod pattern;
mod router;

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_router::location::RequestUrl;
#[cfg(not(feature = "ssr"))]
use leptos_router::location::{BrowserUrl, LocationProvider};
use leptos_router::params::ParamsMap;
pub use router::SiteRoutes;

use crate::{
    layout::{PersonalLayout, PublicLayout, WorkspaceLayout},
    loaded::page_when_loaded,
    pages::{
        client_links::{BareClientLink, ClientLink},
        workspaces::RedirectToRuns,
    },
    parts::{self, Part, TABS},
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
        } $(tabs $tabs:tt)?)+
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
                view: || page_when_loaded(Box::pin(parts::$name(parts::$part::$page))),
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

/// The parts that a URL needs: the one of its page, and the one of the page's open tab.
pub fn parts_of(path: &str, search: &str) -> impl Iterator<Item = Part> {
    let page = part_of(path);
    page.into_iter().chain(page.and_then(|page| tab_of(page, search)))
}

/// The part of the tab that the query opens on a page of this part.
fn tab_of(page: Part, search: &str) -> Option<Part> {
    let mut tabs = TABS.iter().filter(|(of, ..)| *of == page).peekable();
    tabs.peek()?;
    let value = query_params(search)?.get("tab")?;
    tabs.find(|(_, tab, _)| *tab == value).map(|(.., part)| *part)
}

/// The parameters of a query, as pages read them.
fn query_params(search: &str) -> Option<ParamsMap> {
    let url = format!("/{search}");
    #[cfg(feature = "ssr")]
    let parsed = RequestUrl::new(&url).parse();
    #[cfg(not(feature = "ssr"))]
    let parsed = <BrowserUrl as LocationProvider>::parse(&url);
    Some(parsed.ok()?.search_params().clone())
}

#[cfg(test)]
mod tests;
