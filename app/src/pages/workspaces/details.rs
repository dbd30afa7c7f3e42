//! The form for a workspace's name and description.

use leptos::prelude::*;
use model::workspace::{MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS, Workspace, WorkspaceDetail};
use ui::prelude::*;

use super::server::EditWorkspace;
use crate::{
    form::{FormErrorBanner, FormState, WorkspaceFields, max_length},
    links::WorkspaceRef,
};

/// What is typed into the fields, and the workspace as it was saved last.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    description: RwSignal<String>,
    saved: RwSignal<Workspace>,
    /// False on the server: without scripts the form can be sent at any time.
    is_hydrated: RwSignal<bool>,
}

impl Draft {
    /// Starts with what a plain form sent without success, or else with what is saved.
    fn new(workspace: Workspace, action: ServerAction<EditWorkspace>, form: FormState) -> Self {
        let typed = |field, saved: &String| RwSignal::new(form.typed(field).unwrap_or_else(|| saved.clone()));
        let draft = Self {
            name: typed("name", &workspace.name),
            description: typed("description", &workspace.description),
            saved: RwSignal::new(workspace),
            is_hydrated: RwSignal::new(false),
        };
        Effect::new(move |_| draft.is_hydrated.set(true));
        Effect::new(move |_| {
            if let Some(Ok(Ok(workspace))) = action.value().get() {
                draft.save(workspace);
            }
        });
        draft
    }

    /// A field that differs from what was saved only in spaces shows what was saved; what a person typed in the meantime stays.
    fn save(self, workspace: Workspace) {
        for (field, saved) in [(self.name, &workspace.name), (self.description, &workspace.description)] {
            if field.with_untracked(|typed| typed.trim() == saved) {
                field.set(saved.clone());
            }
        }
        self.saved.set(workspace);
    }

    fn is_changed(self) -> Memo<bool> {
        Memo::new(move |_| {
            self.saved.with(|saved| {
                self.name.with(|name| *name != saved.name) || self.description.with(|text| *text != saved.description)
            })
        })
    }
}

pub(super) fn workspace_ref_of(detail: &WorkspaceDetail) -> WorkspaceRef {
    WorkspaceRef { account: detail.account.id, workspace: detail.workspace.id }
}

/// The card with the form.
#[component]
pub fn Details(workspace: WorkspaceDetail, action: ServerAction<EditWorkspace>, form: FormState) -> impl IntoView {
    let workspace_ref = workspace_ref_of(&workspace);
    let clock = expect_context::<Signal<Clock>>();
    let WorkspaceDetail { account, workspace, .. } = workspace;
    let handle = format!("Handle: {}/{}. The handle doesn’t change when you rename.", account.handle, workspace.handle);
    let draft = Draft::new(workspace, action, form);
    let changed = draft.is_changed();
    let disabled = Signal::derive(move || draft.is_hydrated.get() && !changed.get());
    // With scripts a toast says it.
    let saved = move || {
        let by_plain_form = form.succeeded().get() && action.value().with(Option::is_none);
        by_plain_form.then(|| view! { <Banner tone=Tone::Ok><b>"Workspace saved."</b></Banner> })
    };
    let updated = move || {
        let at = draft.saved.with(|saved| saved.updated);
        view! { <PastTime at clock /> }
    };
    let foot = move || {
        view! {
            <span class="grow small t3">"Last changed " {updated}</span>
            <Button submit=true busy=form.is_pending() disabled>
                "Save changes"
            </Button>
        }
    };
    view! {
        <LeaveQuestion unsaved=changed title="Leave without saving?" text="Your changes to the name and description will be lost." />
        <ActionForm action>
            <WorkspaceFields workspace_ref />
            <Card title="Details" foot>
                <div class="stack loose">
                    {saved} <FormErrorBanner form /> <div class="halves">
                        <FixedField label="Account">
                            <Tile name=account.name.clone() />
                            <span>{account.name}</span>
                        </FixedField>
                        <TextField
                            label="Name"
                            name="name"
                            bind=draft.name
                            hint=Signal::stored(Some(handle))
                            error=form.field_error("name")
                            autocomplete="off"
                            max=max_length(MAX_NAME_CHARACTERS)
                        />
                    </div>
                    <TextArea
                        label="Description"
                        name="description"
                        bind=draft.description
                        optional=true
                        rows=2
                        max=max_length(MAX_DESCRIPTION_CHARACTERS)
                        error=form.field_error("description")
                    />
                </div>
            </Card>
        </ActionForm>
    }
}
