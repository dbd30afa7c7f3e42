//! The table as the routes of the Leptos router.
//!
//! Leptos would make a type of its own for each tuple of routes, and compile the code that shows and replaces a page for each of
//! them. All routes of this table have the same type, so that the wasm has this code once.

use std::{borrow::Cow, sync::LazyLock};

use leptos::prelude::*;
use leptos_router::{
    ChooseView, GeneratedRouteData, MatchInterface, MatchNestedRoutes, MatchParams, Method, RouteMatchId, SsrMode,
};

use super::{
    Layout, ROUTES, Route,
    pattern::{Params, path_segments, pattern_segments, take_matching},
};

/// All routes of the table.
#[derive(Clone, Copy, Debug)]
pub struct SiteRoutes;

/// By which the router recognizes what is shown already: one of each route, then one of each layout.
static IDS: LazyLock<Vec<RouteMatchId>> = LazyLock::new(|| {
    let layouts = Layout::Workspace as usize + 1;
    (0..ROUTES.len() + layouts).map(|_| RouteMatchId::new_from_route_id()).collect()
});

/// The route of a path.
pub struct Found {
    index: usize,
    pub layout_params: Params,
    pub page_params: Params,
}

impl Found {
    pub fn route(&self) -> &'static Route {
        &ROUTES[self.index]
    }
}

/// The first route that matches the whole path.
pub fn find(path: &str) -> Option<Found> {
    ROUTES.iter().enumerate().find_map(|(index, route)| {
        let mut segments = path_segments(path);
        let layout_params = take_matching(&mut segments, route.layout.prefix())?;
        let page_params = take_matching(&mut segments, route.path)?;
        segments.next().is_none().then_some(Found { index, layout_params, page_params })
    })
}

/// A layout with its page, or a page.
pub struct MatchedView {
    id: RouteMatchId,
    params: Params,
    view: fn() -> AnyView,
    page: Option<Box<Self>>,
}

impl From<Found> for MatchedView {
    fn from(found: Found) -> Self {
        let route = found.route();
        let Found { index, layout_params, page_params } = found;
        let page = Self { id: IDS[index], params: page_params, view: route.view, page: None };
        match route.layout.view() {
            None => page,
            Some(view) => {
                let id = IDS[ROUTES.len() + route.layout as usize];
                Self { id, params: layout_params, view, page: Some(Box::new(page)) }
            }
        }
    }
}

impl MatchParams for MatchedView {
    fn to_params(&self) -> Vec<(Cow<'static, str>, String)> {
        self.params.clone()
    }
}

impl MatchInterface for MatchedView {
    type Child = Self;

    fn as_id(&self) -> RouteMatchId {
        self.id
    }

    /// Needed for relative links only, and no page has any.
    fn as_matched(&self) -> &str {
        ""
    }

    fn into_view_and_child(self) -> (impl ChooseView, Option<Self>) {
        (self.view, self.page.map(|page| *page))
    }
}

impl MatchNestedRoutes for SiteRoutes {
    type Data = ();
    type Match = MatchedView;

    fn match_nested<'a>(&'a self, path: &'a str) -> (Option<(RouteMatchId, MatchedView)>, &'a str) {
        match find(path).map(MatchedView::from) {
            Some(view) => (Some((view.id, view)), ""),
            None => (None, path),
        }
    }

    fn generate_routes(&self) -> impl IntoIterator<Item = GeneratedRouteData> {
        ROUTES.iter().map(|route| GeneratedRouteData {
            segments: pattern_segments(route.layout.prefix()).chain(pattern_segments(route.path)).collect(),
            // Unused: the server has its own handler.
            ssr_mode: SsrMode::InOrder,
            methods: [Method::Get].into(),
            regenerate: Vec::new(),
        })
    }

    fn optional(&self) -> bool {
        false
    }
}
