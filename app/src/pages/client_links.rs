//! Links that clients print and for which there is no page: they redirect to the closest page.

use leptos::{prelude::*, server_fn::codec::Postcard};
use leptos_router::{
    components::Redirect,
    hooks::{use_location, use_params_map},
};

use crate::{
    error::Error,
    layout::CurrentWorkspace,
    links::{self, WorkspacePaths as _, WorkspaceRef},
    loaded::{Loaded, resource},
    pages::not_found::NotFound,
};

/// A link below a workspace.
#[component]
pub fn ClientLink() -> impl IntoView {
    let path = use_params_map().with_untracked(|params| params.get("client_link")).unwrap_or_default();
    match links::client_link_target(&path) {
        Some(target) => {
            view! { <Redirect path=CurrentWorkspace::expect().workspace_ref().page_path(&target) /> }.into_any()
        }
        None => view! { <NotFound /> }.into_any(),
    }
}

/// The workspace of links that name none: the built-in one in local mode, else the caller's only one.
#[server(prefix = "/ui", endpoint = "meant-workspace", output = Postcard)]
pub async fn read_implied_workspace() -> Result<Option<WorkspaceRef>, Error> {
    use control::access::{authorize_local, workspace_refs};
    use model::permission::ReadRuns;

    let (context, caller) = crate::context::authenticated().await?;
    if context.cx.settings.local {
        let at = authorize_local::<ReadRuns>(&context.cx).await?;
        return Ok(Some(at.workspace_ref()));
    }
    // The limit is two, to detect whether there is more than one.
    let workspaces = workspace_refs(&context.cx, caller, 2).await?;
    let [only] = workspaces.as_slice() else { return Ok(None) };
    Ok(Some(*only))
}

/// A link without a workspace: clients of the bare API know none.
#[component]
pub fn BareClientLink() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    let Some(target) = links::client_link_target(&path) else { return view! { <NotFound /> }.into_any() };
    let workspace = resource(|| (), |()| read_implied_workspace());
    view! {
        <Loaded data=workspace subject="this page" full_page=true let(workspace)>
            <Redirect path=workspace.map_or_else(|| links::workspaces_path().to_owned(), |workspace| workspace.page_path(&target)) />
        </Loaded>
    }
    .into_any()
}
