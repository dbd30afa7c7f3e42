//! The dialog that creates or edits a variable.

use leptos::prelude::*;
use model::{
    label::MAX_TAG_CHARACTERS,
    screen::VariableDetail,
    validation::sentence,
    variable::{MAX_VARIABLE_NAME, VariableName},
};
use ui::prelude::*;

use super::{
    dialog_context::{CREATE_ID, DialogContext},
    fields::Fields,
    list_query::DialogTarget,
    rows::link_id,
    value_field::{ValueField, is_valid},
};
use crate::form::{FormErrorBanner, FormState, WorkspaceFields, max_length};

/// The form's id, by which the buttons below it send it.
const FORM_ID: &str = "variable-form";

/// The dialog; without a `variable` it creates one.
#[component]
pub fn EditorDialog(context: DialogContext, variable: Option<VariableDetail>) -> impl IntoView {
    let open = RwSignal::new(true);
    let (action, form) = context.save;
    // Removes the result of an earlier attempt.
    action.clear();
    let id = variable.as_ref().map(|variable| variable.id);
    let (title, send, done, focus) = match id {
        None => ("Create variable", "Create variable", "Variable created", CREATE_ID.to_owned()),
        Some(id) => ("Edit variable", "Save", "Variable saved", link_id(id)),
    };
    Effect::new(move |_| {
        if action.value().with(|value| matches!(value, Some(Ok(Ok(()))))) {
            context.finish(done, open);
        }
    });
    let fields = Fields::new(variable.as_ref(), form);
    // Without scripts the button must stay enabled: the server then checks the value.
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let disabled = Signal::derive(move || hydrated.get() && !is_valid(fields));
    let foot = move || {
        let delete = id.map(|id| {
            view! {
                <LinkButton href=context.href(DialogTarget::Delete(id)) kind=ButtonKind::DangerQuiet icon=Icon::Bin attr:data-noscroll="">
                    "Delete"
                </LinkButton>
            }
        });
        view! {
            {delete}
            <span class="grow"></span>
            <Button kind=ButtonKind::Ghost disabled=form.is_pending() on:click=move |_| open.set(false)>
                "Cancel"
            </Button>
            <Button kind=ButtonKind::Primary submit=true disabled busy=form.is_pending() attr:form=FORM_ID>
                {send}
            </Button>
        }
    };
    let has_name = Memo::new(move |_| fields.name.with(|name| name.trim().parse::<VariableName>().is_ok()));
    let on_close = context.on_close(focus);
    view! {
        <Dialog id="variable" open title locked=form.is_pending() on_close foot long=true>
            <ActionForm action attr:id=FORM_ID>
                <div class="stack">
                    <FormErrorBanner form />
                    <WorkspaceFields workspace_ref=context.workspace />
                    {id.map(|id| view! { <input type="hidden" name="id" value=id.to_string() /> })}
                    <NameField fields form is_new=id.is_none() />
                    <ValueField fields />
                    <TagField bind=fields.tags error=form.field_error("tags") max=max_length(MAX_TAG_CHARACTERS) />
                    {move || has_name.get().then(|| view! { <CodeLine name=fields.name /> })}
                </div>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

/// The name, checked while it is typed.
#[component]
fn NameField(fields: Fields, form: FormState, is_new: bool) -> impl IntoView {
    let refused = form.field_error("name");
    let error = Signal::derive(move || {
        let typed = fields.name.with(|name| name.trim().parse::<VariableName>().err());
        let is_empty = fields.name.with(String::is_empty);
        typed.filter(|_| !is_empty).map(|why| sentence(&why.to_string())).or_else(|| refused.get())
    });
    let hint = if is_new {
        "Use lowercase letters, digits, dashes and underscores."
    } else {
        "If you change the name, flows that read the old one may fail."
    };
    view! {
        <TextField
            label="Name"
            name="name"
            bind=fields.name
            hint=Signal::stored(Some(hint.to_owned()))
            error
            autocomplete="off"
            max=max_length(MAX_VARIABLE_NAME)
        />
    }
    .into_any()
}

/// The code with which a flow reads the variable.
#[component]
pub fn CodeLine(#[prop(into)] name: Signal<String>) -> impl IntoView {
    let code = Signal::derive(move || format!("Variable.get(\"{}\")", name.get().trim()));
    view! {
        <div class="copyf">
            <span class="what">{code}</span>
            <CopyButton text=code what="the code" />
        </div>
    }
    .into_any()
}
