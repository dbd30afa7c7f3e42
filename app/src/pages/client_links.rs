//! Addresses that clients print and that no page has: they lead to the page that comes closest.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_router::{
    components::Redirect,
    hooks::{use_location, use_params_map},
};

use crate::{
    error::Error,
    layout::Here,
    links::{self, Place},
    loaded::{Loaded, resource},
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

/// The workspace that an address without one means: the default one in local mode, else the caller's only one.
#[server(prefix = "/ui", endpoint = "meant-workspace", output = Postcard)]
pub async fn read_meant_workspace() -> Result<Option<Place>, Error> {
    use control::access::{addresses, enter_local};
    use model::permission::ReadRuns;

    let (visit, caller) = crate::context::visitor().await?;
    if visit.cx.settings.local {
        let at = enter_local::<ReadRuns>(&visit.cx).await?;
        return Ok(Some(Place { account: at.tenant().account(), workspace: at.id() }));
    }
    // Two are asked for to know whether there is more than one.
    let known = addresses(&visit.cx, caller, 2).await?;
    let [only] = known.as_slice() else { return Ok(None) };
    Ok(Some(Place { account: only.account, workspace: only.workspace }))
}

/// Below nothing: clients that talk to the bare API know no workspace.
#[component]
pub fn PrintedBare() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    let Some(rest) = links::printed(&path) else { return view! { <NotFound /> }.into_any() };
    let place = resource(|| (), |()| read_meant_workspace());
    view! {
        <Loaded data=place what="this page" whole=true let(place)>
            <Redirect path=place.map_or_else(|| "/".to_owned(), |place| place.page(&rest)) />
        </Loaded>
    }
    .into_any()
}
