//! Addresses that clients print and that no page has: they lead to the page that comes closest.

use leptos::prelude::*;
use leptos_router::{
    components::Redirect,
    hooks::{use_location, use_params_map},
};

use crate::{
    error::Error,
    layout::Here,
    links::{self, Place},
    loaded::Loaded,
    pages::not_found::NotFound,
};

/// Below a workspace.
#[component]
pub fn Printed() -> impl IntoView {
    let rest = use_params_map().with_untracked(|params| params.get("printed")).unwrap_or_default();
    match links::printed(&rest) {
        Some(path) => view! { <Redirect path=Here::expect().place().page(&path) /> }.into_any(),
        None => view! { <NotFound /> }.into_any(),
    }
}

/// The workspace that an address without one means.
#[server(prefix = "/ui", endpoint = "only-workspace")]
pub async fn only_workspace() -> Result<Place, Error> {
    let (visit, caller) = crate::context::visitor().await?;
    // Two are asked for to know whether there is more than one.
    match control::access::addresses(&visit.cx, caller, 2).await?.as_slice() {
        [only] => Ok(Place { account: only.account, workspace: only.workspace }),
        _ => Err(control::Error::NotFound("Workspace").into()),
    }
}

/// Below nothing: clients that talk to the bare API know no workspace.
#[component]
pub fn PrintedBare() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    let Some(rest) = links::printed(&path) else { return view! { <NotFound /> }.into_any() };
    let place = Resource::new(|| (), |()| only_workspace());
    view! {
        <Loaded data=place what="this page" whole=true let(place)>
            <Redirect path=place.page(&rest) />
        </Loaded>
    }
    .into_any()
}
