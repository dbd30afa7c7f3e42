//! The server functions of workspaces. Each calls one use case of `control::workspace`.

use leptos::{prelude::*, server_fn::codec::Postcard};
use model::{
    id::WorkspaceId,
    workspace::{Account, Workspace, WorkspaceCard, WorkspaceDetail},
};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::links::{self, WorkspacePaths as _};
use crate::{
    error::{Error, FormResult},
    links::WorkspaceRef,
};

/// The caller's workspaces.
#[server(prefix = "/ui", endpoint = "workspaces", output = Postcard)]
pub async fn list_workspaces() -> Result<Vec<WorkspaceCard>, Error> {
    let (context, caller) = crate::context::authenticated().await?;
    Ok(control::workspace::cards(&context.cx, caller).await?)
}

/// The accounts in which the caller may create a workspace.
#[server(prefix = "/ui", endpoint = "accounts", output = Postcard)]
pub async fn list_accounts() -> Result<Vec<Account>, Error> {
    let (context, caller) = crate::context::authenticated().await?;
    Ok(control::account::list(&context.cx, caller).await?)
}

/// A workspace with the counts of its flows and runs.
#[server(prefix = "/ui", endpoint = "workspace", output = Postcard)]
pub async fn read_workspace(#[server(rename = "place")] workspace: WorkspaceRef) -> Result<WorkspaceDetail, Error> {
    let (cx, at) = crate::context::authorize::<model::permission::ReadRuns>(workspace).await?;
    Ok(control::workspace::detail(&cx, at).await?)
}

/// Creates a workspace and redirects to the page for its first run.
#[server(prefix = "/ui", endpoint = "create-workspace", output = Postcard)]
pub async fn create_workspace(
    account: String,
    name: String,
    #[server(default)] handle: String,
    #[server(default)] description: String,
) -> Result<FormResult<()>, Error> {
    use control::workspace::{NewWorkspace, create};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{Submission, authenticated};

    let (context, caller) = authenticated().await?;
    let typed = vec![("name", name.clone()), ("handle", handle.clone()), ("description", description.clone())];
    let submission = Submission { form: CreateWorkspace::PATH, page: links::new_workspace_path().to_owned(), typed };
    let account = account.parse().map_err(|_| control::Error::missing("Account"))?;
    let account = control::access::authorize_account(&context.cx, caller, account).await?;
    let new = NewWorkspace { name, description, handle: Some(handle) };
    let created = create(&context.cx, account, new, context.client).await;
    let created = created.map(|workspace| WorkspaceRef { account: workspace.account_id, workspace: workspace.id });
    Ok(context.form_response(created, submission, |workspace| Some(workspace.first_run_path()))?.map(drop))
}

/// Changes a workspace's name and description.
#[server(prefix = "/ui", endpoint = "edit-workspace", output = Postcard)]
pub async fn edit_workspace(
    #[server(rename = "place")] workspace: WorkspaceRef,
    name: String,
    #[server(default)] description: String,
) -> Result<FormResult<Workspace>, Error> {
    use control::workspace::{WorkspaceEdit, edit};
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission, authorize};

    let (cx, at) = authorize::<model::permission::EditWorkspace>(workspace).await?;
    let context = RequestContext::current()?;
    let typed = vec![("name", name.clone()), ("description", description.clone())];
    let submission = Submission { form: EditWorkspace::PATH, page: workspace.settings_path(), typed };
    let result = edit(&cx, at, WorkspaceEdit { name, description }, context.client).await;
    context.form_response(result, submission, |_| None)
}

/// Deletes a workspace if `confirmation` is its handle.
#[server(prefix = "/ui", endpoint = "delete-workspace", output = Postcard)]
pub async fn delete_workspace(
    #[server(rename = "place")] workspace: WorkspaceRef,
    confirmation: String,
) -> Result<FormResult<()>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission, authorize};

    let (cx, at) = authorize::<model::permission::DeleteWorkspace>(workspace).await?;
    let context = RequestContext::current()?;
    let submission = Submission { form: DeleteWorkspace::PATH, page: workspace.settings_path(), typed: Vec::new() };
    let result = control::workspace::delete(&cx, at, &confirmation, context.client).await;
    context.form_response(result, submission, |()| Some(links::workspaces_path().to_owned()))
}

/// Whether a workspace has a star after the change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Starred {
    pub workspace: WorkspaceId,
    pub on: bool,
}

/// Adds or removes the caller's star.
#[server(prefix = "/ui", endpoint = "star-workspace", output = Postcard)]
pub async fn star_workspace(
    #[server(rename = "place")] workspace: WorkspaceRef,
    on: bool,
) -> Result<FormResult<Starred>, Error> {
    use leptos::server_fn::ServerFn as _;

    use crate::context::{RequestContext, Submission, authorize};

    let (cx, at) = authorize::<model::permission::ReadRuns>(workspace).await?;
    let submission =
        Submission { form: StarWorkspace::PATH, page: links::workspaces_path().to_owned(), typed: Vec::new() };
    let result = control::workspace::set_favourite(&cx, at, on).await;
    RequestContext::current()?.form_response(
        result.map(|()| Starred { workspace: workspace.workspace, on }),
        submission,
        |_| None,
    )
}
