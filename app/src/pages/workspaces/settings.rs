//! A workspace's settings: its name, what connects a client to it, and its end.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    time::Timestamp,
    workspace::{LONGEST_DESCRIPTION, LONGEST_NAME, MeWorkspace, WorkspaceDetail, is_name_typed},
};
use ui::prelude::*;

use super::server::{DeleteWorkspace, EditWorkspace, read_workspace};
use crate::{
    form::{LastTry, WholeComplaint, fits},
    layout::{Frame, Here, Reframe},
    links::Place,
    loaded::{Loaded, resource},
    pages::connecting::Connect,
};

/// The page.
#[component]
pub fn WorkspaceSettingsPage() -> impl IntoView {
    let (edit, delete) = (ServerAction::<EditWorkspace>::new(), ServerAction::<DeleteWorkspace>::new());
    let (last_edit, last_delete) = (LastTry::of(edit), LastTry::of(delete));
    let here = Here::expect();
    let place = here.place();
    let workspace = resource(|| (), move |()| read_workspace(place));
    tell(edit, delete);
    let mut crumbs = here.crumbs();
    crumbs.push(Crumb::here("Settings"));
    view! {
        <Title text=format!("Settings of {}", here.workspace.name) />
        <TopBar crumbs help="/help" />
        <Page width=PageWidth::Narrow>
            <PageHead title="Workspace settings" />
            <Loaded data=workspace what="this workspace" let(workspace)>
                <Details workspace=workspace.clone() action=edit last=last_edit />
                <Connecting workspace=workspace.clone() />
                <Deletion workspace action=delete last=last_delete />
            </Loaded>
        </Page>
    }
    .into_any()
}

/// Says what was done, and has the rail show it.
fn tell(edit: ServerAction<EditWorkspace>, delete: ServerAction<DeleteWorkspace>) {
    let (toasts, reframe) = (expect_context::<Toasts>(), Reframe::expect());
    Effect::new(move |_| {
        if edit.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            toasts.say("Workspace saved");
            reframe.now();
        }
    });
    Effect::new(move |_| {
        if delete.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            toasts.say("Workspace deleted");
        }
    });
}

/// Which workspace a form is about.
#[component]
fn PlaceFields(place: Place) -> impl IntoView {
    view! {
        <input type="hidden" name="place[account]" value=place.account.to_string() />
        <input type="hidden" name="place[workspace]" value=place.workspace.to_string() />
    }
}

fn place_of(detail: &WorkspaceDetail) -> Place {
    Place { account: detail.account.id, workspace: detail.workspace.id }
}

#[component]
fn Details(workspace: WorkspaceDetail, action: ServerAction<EditWorkspace>, last: LastTry) -> impl IntoView {
    let place = place_of(&workspace);
    let clock = expect_context::<Signal<Clock>>();
    let WorkspaceDetail { account, workspace, .. } = workspace;
    let handle = format!("Handle: {}/{}. It stays when the name changes.", account.handle, workspace.handle);
    let saved = move || last.done().get().then(|| view! { <Banner tone=Tone::Ok><b>"Workspace saved."</b></Banner> });
    let foot = move || {
        view! {
            <span class="grow small t3">"Last changed " <Ago at=workspace.updated clock /></span>
            <Button submit=true busy=last.pending()>
                "Save changes"
            </Button>
        }
    };
    view! {
        <ActionForm action>
            <PlaceFields place />
            <Card title="Details" foot>
                <div class="stack loose">
                    {saved} <WholeComplaint of=last /> <div class="halves">
                        <FixedField label="Account">
                            <Tile name=account.name.clone() />
                            <span>{account.name}</span>
                        </FixedField>
                        <TextField
                            label="Name"
                            name="name"
                            value=last.typed("name").unwrap_or(workspace.name)
                            hint=Signal::stored(Some(handle))
                            error=last.field("name")
                            autocomplete="off"
                            max=fits(LONGEST_NAME)
                        />
                    </div>
                    <TextArea
                        label="Description"
                        name="description"
                        value=last.typed("description").unwrap_or(workspace.description)
                        optional=true
                        rows=2
                        max=fits(LONGEST_DESCRIPTION)
                        error=last.field("description")
                    />
                </div>
            </Card>
        </ActionForm>
    }
}

#[component]
fn Connecting(workspace: WorkspaceDetail) -> impl IntoView {
    let last_call = workspace.last_call;
    let target = MeWorkspace::new(&workspace.account, &workspace.workspace);
    let key = (!expect_context::<Frame>().is_keyless(&target)).then(|| {
        view! {
            "No key yet? " <a class="link" href="/my/api-keys">
                "Create an API key"
            </a> ". "
        }
    });
    view! {
        <Card title="Connect your client" end=move || view! { <LastCall at=last_call /> }>
            <div class="stack snug">
                <p class="t2">"Run this where your flows live. They stay on your machines; only their states and logs come here."</p>
                <Connect workspaces=vec![target] />
                <p class="small t3">{key} "Older and newer clients both work: 2.0.4 up to 3.x."</p>
            </div>
        </Card>
    }
}

/// When a client was last heard.
#[component]
fn LastCall(at: Option<Timestamp>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    match at {
        Some(at) => view! { <span class="small t2">"Last call " <Ago at clock /></span> }.into_any(),
        None => view! { <span class="small t3">"No call from a client yet"</span> }.into_any(),
    }
}

#[component]
fn Deletion(workspace: WorkspaceDetail, action: ServerAction<DeleteWorkspace>, last: LastTry) -> impl IntoView {
    let place = place_of(&workspace);
    let name = workspace.workspace.name.clone();
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let lost = format!(
        "Deletes {}, {} and their logs for good. Clients that use it stop working at once.",
        counted(count(workspace.flows), "flow", "flows"),
        counted(count(workspace.flow_runs), "flow run", "flow runs"),
    );
    let sub = lost.clone();
    let open = RwSignal::new(false);
    view! {
        <Card look=CardLook::Danger>
            <div class="grow">
                <h2>"Delete this workspace"</h2>
                <p class="t2 ui">{lost}</p>
            </div>
            <Button kind=ButtonKind::DangerQuiet icon=Icon::Bin on:click=move |_| open.set(true)>
                "Delete workspace"
            </Button>
        </Card>
        <Dialog id="delete-workspace" open title=format!("Delete {name}?") sub held=last.pending()>
            <DeletionForm place name=name.clone() open action last />
        </Dialog>
    }
}

#[component]
fn DeletionForm(
    place: Place,
    name: String,
    open: RwSignal<bool>,
    action: ServerAction<DeleteWorkspace>,
    last: LastTry,
) -> impl IntoView {
    // What came of another try is over.
    action.clear();
    let typed = RwSignal::new(String::new());
    let label = format!("Type {name} to confirm");
    let unlike = Signal::derive(move || typed.with(|typed| !is_name_typed(typed, &name)));
    view! {
        <ActionForm action>
            <div class="stack">
                <WholeComplaint of=last />
                <PlaceFields place />
                <TextField
                    label
                    name="confirmation"
                    bind=typed
                    error=last.field("confirmation")
                    autocomplete="off"
                />
                <DialogButtons
                    open
                    kind=ButtonKind::Danger
                    send="Delete workspace"
                    busy=last.pending()
                    disabled=unlike
                />
            </div>
        </ActionForm>
    }
}
