//! A workspace's settings: name and description, the commands that connect a client, and deletion.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    handle::Handle,
    time::Timestamp,
    workspace::{MeWorkspace, WorkspaceDetail, is_handle_typed},
};
use ui::prelude::*;

use super::{
    details::{Details, workspace_ref_of},
    server::{DeleteWorkspace, EditWorkspace, read_workspace},
};
use crate::{
    form::{FormErrorBanner, FormState, WorkspaceFields},
    layout::{CurrentWorkspace, Frame, RefreshFrame},
    links::{self, WorkspaceRef},
    loaded::{Loaded, resource},
    pages::connecting::Connect,
};

/// The page.
#[component]
pub fn WorkspaceSettingsPage() -> impl IntoView {
    let (edit, delete) = (ServerAction::<EditWorkspace>::new(), ServerAction::<DeleteWorkspace>::new());
    let (edit_form, delete_form) = (FormState::of(edit), FormState::of(delete));
    let current = CurrentWorkspace::expect();
    let workspace_ref = current.workspace_ref();
    let workspace = resource(|| (), move |()| read_workspace(workspace_ref));
    announce_changes(edit, delete);
    let mut crumbs = current.crumbs();
    crumbs.push(Crumb::current("Settings"));
    view! {
        <Title text=format!("{} settings", current.workspace.name) />
        <TopBar crumbs help=links::help_path() />
        <Page width=PageWidth::Narrow>
            <PageHead title="Workspace settings" />
            <Loaded data=workspace subject="this workspace" let(workspace)>
                <Details workspace=workspace.clone() action=edit form=edit_form />
                <Connecting workspace=workspace.clone() />
                <Deletion workspace action=delete form=delete_form />
            </Loaded>
        </Page>
    }
    .into_any()
}

/// Shows a toast after a change, and reloads the frame if the workspace has another name, which the frame shows. That makes the page again.
fn announce_changes(edit: ServerAction<EditWorkspace>, delete: ServerAction<DeleteWorkspace>) {
    let (toasts, refresh_frame) = (expect_context::<Toasts>(), RefreshFrame::expect());
    let shown = CurrentWorkspace::expect().workspace.name;
    Effect::new(move |_| {
        edit.value().with(|value| {
            let Some(Ok(Ok(saved))) = value else { return };
            toasts.show("Workspace saved");
            if saved.name != shown {
                refresh_frame.trigger();
            }
        });
    });
    Effect::new(move |_| {
        if delete.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            toasts.show("Workspace deleted");
        }
    });
}

#[component]
fn Connecting(workspace: WorkspaceDetail) -> impl IntoView {
    let last_call = workspace.last_call;
    let target = MeWorkspace::new(&workspace.account, &workspace.workspace);
    let key = (!expect_context::<Frame>().is_keyless(&target)).then(|| {
        view! {
            "No key yet? " <a class="link" href=links::api_keys_path()>
                "Create an API key"
            </a> ". "
        }
    });
    view! {
        <Card title="Connect your client" end=move || view! { <LastCall at=last_call /> }>
            <div class="stack snug">
                <p class="t2">"Run this on the machine that runs your flows. Your code stays there; Provost receives only what the client reports, such as states, logs, parameters and artifacts."</p>
                <Connect workspaces=vec![target] />
                <p class="small t3">{key} "Provost works with Prefect 2.0.4 through 3.x."</p>
            </div>
        </Card>
    }
}

/// When a client last called the API.
#[component]
fn LastCall(at: Option<Timestamp>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    match at {
        Some(at) => view! { <span class="small t2">"Last request " <RelativeTime at clock /></span> }.into_any(),
        None => view! { <span class="small t3">"No client has connected yet"</span> }.into_any(),
    }
}

#[component]
fn Deletion(workspace: WorkspaceDetail, action: ServerAction<DeleteWorkspace>, form: FormState) -> impl IntoView {
    let workspace_ref = workspace_ref_of(&workspace);
    let (name, handle) = (workspace.workspace.name, workspace.workspace.handle);
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let warning = format!(
        "This permanently deletes the workspace and everything in it, including {} and {}. Clients that use it stop working immediately.",
        counted(count(workspace.flows), "flow", "flows"),
        counted(count(workspace.flow_runs), "flow run", "flow runs"),
    );
    let sub = warning.clone();
    let open = RwSignal::new(false);
    view! {
        <Card look=CardLook::Danger>
            <div class="grow">
                <h2>"Delete this workspace"</h2>
                <p class="t2 ui">{warning}</p>
            </div>
            <Button kind=ButtonKind::DangerQuiet icon=Icon::Bin on:click=move |_| open.set(true)>
                "Delete workspace"
            </Button>
        </Card>
        <Dialog id="delete-workspace" open title=format!("Delete {name}?") sub locked=form.is_pending()>
            <DeletionForm workspace_ref handle=handle.clone() open action form />
        </Dialog>
    }
}

#[component]
fn DeletionForm(
    workspace_ref: WorkspaceRef,
    handle: Handle,
    open: RwSignal<bool>,
    action: ServerAction<DeleteWorkspace>,
    form: FormState,
) -> impl IntoView {
    // Removes the result of an earlier attempt.
    action.clear();
    let typed = RwSignal::new(String::new());
    let label = format!("Type {handle} to confirm");
    let is_unconfirmed = Signal::derive(move || typed.with(|typed| !is_handle_typed(typed, &handle)));
    view! {
        <ActionForm action>
            <div class="stack">
                <FormErrorBanner form />
                <WorkspaceFields workspace_ref />
                <TextField
                    label
                    name="confirmation"
                    bind=typed
                    error=form.field_error("confirmation")
                    autocomplete="off"
                />
                <DialogButtons
                    open
                    kind=ButtonKind::Danger
                    send="Delete workspace"
                    busy=form.is_pending()
                    disabled=is_unconfirmed
                />
            </div>
        </ActionForm>
    }
}
