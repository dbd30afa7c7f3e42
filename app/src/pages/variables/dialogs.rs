//! The dialogs of the page. The URL says which one is open, so that they can be linked to and work without scripts.

use leptos::prelude::*;
use model::screen::{ValueKind, VariableDetail};
use serde::{Deserialize, Serialize};
use ui::prelude::*;

use super::{
    dialog_context::{CREATE_ID, DialogContext},
    editor::{CodeLine, EditorDialog},
    list_query::DialogTarget,
    rows::link_id,
    server::read_variable,
};
use crate::{
    form::{FormErrorBanner, WorkspaceFields},
    links::WorkspaceRef,
    loaded::{Loaded, PageData, resource},
};

/// The open dialog with its data.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum DialogData {
    Closed,
    New,
    Variable(VariableDetail),
    Delete(VariableDetail),
    /// There is no variable with the id in the URL.
    Missing,
}

/// The data of the dialog that the URL opens. Dialogs that change something open only for people who may.
pub fn dialog_data(target: Memo<DialogTarget>, workspace: WorkspaceRef, may_write: bool) -> PageData<DialogData> {
    resource(
        move || target.get(),
        move |target| async move {
            Ok(match target {
                DialogTarget::New if may_write => DialogData::New,
                DialogTarget::Variable(id) => {
                    read_variable(workspace, id).await?.map_or(DialogData::Missing, DialogData::Variable)
                }
                DialogTarget::Delete(id) if may_write => {
                    read_variable(workspace, id).await?.map_or(DialogData::Missing, DialogData::Delete)
                }
                _ => DialogData::Closed,
            })
        },
    )
}

/// The open dialog.
#[component]
pub fn Dialogs(data: PageData<DialogData>, context: DialogContext) -> impl IntoView {
    // Each dialog is in a new closure, since a view would be patched and would keep the state of the dialog before.
    let dialog = move |data: DialogData| match data {
        DialogData::Closed => ().into_any(),
        DialogData::New => (move || view! { <EditorDialog context variable=None /> }).into_any(),
        DialogData::Variable(variable) if context.may_write => {
            (move || view! { <EditorDialog context variable=Some(variable.clone()) /> }).into_any()
        }
        DialogData::Variable(variable) => {
            (move || view! { <ReaderDialog context variable=variable.clone() /> }).into_any()
        }
        DialogData::Delete(variable) => {
            (move || view! { <DeleteDialog context variable=variable.clone() /> }).into_any()
        }
        DialogData::Missing => {
            view! { <Banner tone=Tone::Warn>"This variable doesn’t exist. It may have been deleted."</Banner> }
                .into_any()
        }
    };
    view! {
        <Loaded data subject="the variable" let(data)>
            {dialog(data)}
        </Loaded>
    }
    .into_any()
}

/// A variable for people who may not change it.
#[component]
fn ReaderDialog(context: DialogContext, variable: VariableDetail) -> impl IntoView {
    let open = RwSignal::new(true);
    let on_close = context.on_close(link_id(variable.id));
    let title = variable.name.clone();
    view! {
        <Dialog id="variable" open title on_close long=true>
            {reader_body(&variable)}
        </Dialog>
    }
    .into_any()
}

fn reader_body(variable: &VariableDetail) -> AnyView {
    let clock = expect_context::<Signal<Clock>>();
    let VariableDetail { name, kind, text, tags, updated, .. } = variable.clone();
    let value = match kind {
        ValueKind::Json => view! { <div class="codebox"><JsonCode label="Value" text /></div> }.into_any(),
        ValueKind::Text | ValueKind::Number | ValueKind::Boolean => {
            view! { <CopyField value=text what="the value" /> }.into_any()
        }
    };
    let tags = (!tags.is_empty()).then(|| view! { <Chips tags /> });
    view! {
        <div class="stack varview">
            {value} {tags} <CodeLine name=Signal::stored(name) />
            <p class="small t3">"Changed " <ShortDateTime at=updated clock /></p>
        </div>
    }
    .into_any()
}

#[component]
fn DeleteDialog(context: DialogContext, variable: VariableDetail) -> impl IntoView {
    let open = RwSignal::new(true);
    let (action, form) = context.delete;
    // Removes the result of deleting another variable.
    action.clear();
    Effect::new(move |_| {
        if action.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            context.finish("Variable deleted", open);
        }
    });
    let VariableDetail { id, name, .. } = variable;
    let on_close = context.on_close(CREATE_ID.to_owned());
    view! {
        <Dialog
            id="delete-variable"
            open
            title=format!("Delete {name}?")
            sub="Flows that read this variable may fail."
            locked=form.is_pending()
            on_close
        >
            <ActionForm action>
                <div class="stack">
                    <FormErrorBanner form />
                    <WorkspaceFields workspace_ref=context.workspace />
                    <input type="hidden" name="id" value=id.to_string() />
                    <DialogButtons open kind=ButtonKind::Danger send="Delete variable" busy=form.is_pending() />
                </div>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}
