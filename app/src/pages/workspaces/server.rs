//! The server functions of workspaces: doors into `control::workspace`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    id::WorkspaceId,
    workspace::{Account, WorkspaceCard, WorkspaceDetail},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Outcome},
    links::Place,
};

/// The caller's workspaces.
#[server(prefix = "/ui", endpoint = "workspaces", output = Postcard)]
pub async fn list_workspaces() -> Result<Vec<WorkspaceCard>, Error> {
    let (visit, caller) = crate::context::visitor().await?;
    Ok(control::workspace::cards(&visit.cx, caller).await?)
}

/// The accounts in which the caller can make a workspace.
#[server(prefix = "/ui", endpoint = "accounts", output = Postcard)]
pub async fn list_accounts() -> Result<Vec<Account>, Error> {
    let (visit, caller) = crate::context::visitor().await?;
    Ok(control::account::list(&visit.cx, caller).await?)
}

/// A workspace with how much is in it.
#[server(prefix = "/ui", endpoint = "workspace", output = Postcard)]
pub async fn read_workspace(place: Place) -> Result<WorkspaceDetail, Error> {
    let (cx, at) = crate::context::enter::<model::permission::ReadRuns>(place).await?;
    Ok(control::workspace::detail(&cx, at).await?)
}

/// Makes a workspace, and leads to its first run.
#[server(prefix = "/ui", endpoint = "create-workspace", output = Postcard)]
pub async fn create_workspace(
    account: String,
    name: String,
    #[server(default)] handle: String,
    #[server(default)] description: String,
) -> Result<Outcome<()>, Error> {
    use control::workspace::{NewWorkspace, create};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, visitor};

    let (visit, caller) = visitor().await?;
    let typed = vec![("name", name.clone()), ("handle", handle.clone()), ("description", description.clone())];
    let form = Filled { form: CreateWorkspace::PATH, page: "/workspaces/new".to_owned(), typed };
    let account = account.parse().map_err(|_| control::Error::NotFound("Account"))?;
    let new = NewWorkspace { account, name, description, handle: Some(handle) };
    let made = create(&visit.cx, caller, new, visit.origin).await;
    let made = made.map(|workspace| Place { account: workspace.account_id, workspace: workspace.id });
    Ok(visit.answer(made, form, |place| Some(place.first_run()))?.map(drop))
}

/// Changes a workspace's name and description.
#[server(prefix = "/ui", endpoint = "edit-workspace", output = Postcard)]
pub async fn edit_workspace(
    place: Place,
    name: String,
    #[server(default)] description: String,
) -> Result<Outcome<()>, Error> {
    use control::workspace::{WorkspaceEdit, edit};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, Visit, enter};

    let (cx, at) = enter::<model::permission::EditWorkspace>(place).await?;
    let visit = Visit::now()?;
    let typed = vec![("name", name.clone()), ("description", description.clone())];
    let form = Filled { form: EditWorkspace::PATH, page: place.settings(), typed };
    let result = edit(&cx, at, WorkspaceEdit { name, description }, visit.origin).await;
    visit.answer(result.map(drop), form, |()| None)
}

/// Deletes a workspace, if its name was typed.
#[server(prefix = "/ui", endpoint = "delete-workspace", output = Postcard)]
pub async fn delete_workspace(place: Place, confirmation: String) -> Result<Outcome<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, Visit, enter};

    let (cx, at) = enter::<model::permission::DeleteWorkspace>(place).await?;
    let visit = Visit::now()?;
    let form = Filled { form: DeleteWorkspace::PATH, page: place.settings(), typed: Vec::new() };
    let result = control::workspace::delete(&cx, at, &confirmation, visit.origin).await;
    visit.answer(result, form, |()| Some("/".to_owned()))
}

/// Whether a workspace has a star now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Starred {
    pub workspace: WorkspaceId,
    pub on: bool,
}

/// Stars a workspace, or takes the star away.
#[server(prefix = "/ui", endpoint = "star-workspace", output = Postcard)]
pub async fn star_workspace(place: Place, on: bool) -> Result<Outcome<Starred>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Filled, Visit, enter};

    let (cx, at) = enter::<model::permission::ReadRuns>(place).await?;
    let form = Filled { form: StarWorkspace::PATH, page: "/".to_owned(), typed: Vec::new() };
    let result = control::workspace::set_favourite(&cx, at, on).await;
    Visit::now()?.answer(result.map(|()| Starred { workspace: place.workspace, on }), form, |_| None)
}
