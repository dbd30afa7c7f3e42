//! Fields for a name and a handle. The handle follows the name until a person edits it.

use leptos::prelude::*;
use model::handle::{MAX_CHARACTERS, handle_from_name};
use ui::prelude::*;

use crate::form::{FormState, max_length};

/// What is typed into both fields.
#[derive(Clone, Copy)]
pub struct NameAndHandle {
    pub name: RwSignal<String>,
    handle: RwSignal<String>,
}

impl NameAndHandle {
    /// With the values of the last submission.
    pub fn of(form: FormState) -> Self {
        let typed = |field| RwSignal::new(form.typed(field).unwrap_or_default());
        let (name, handle) = (typed("name"), typed("handle"));
        Effect::new(move |previous: Option<String>| {
            let derived = name.with(|name| handle_from_name(name)).map(String::from).unwrap_or_default();
            let current = handle.get_untracked();
            // A handle that a person has edited stays; a derived one follows the name.
            if current != derived && (current.is_empty() || Some(current) == previous) {
                handle.set(derived.clone());
            }
            derived
        });
        Self { name, handle }
    }
}

/// The field of the handle. If it is empty, the server derives a handle from the name.
#[component]
pub fn HandleField(
    fields: NameAndHandle,
    form: FormState,
    #[prop(into)] hint: String,
    #[prop(optional)] large: bool,
) -> impl IntoView {
    view! {
        <TextField
            label="Handle"
            name="handle"
            bind=fields.handle
            hint=Signal::stored(Some(hint))
            error=form.field_error("handle")
            derived=true
            autocomplete="off"
            max=max_length(MAX_CHARACTERS)
            large=large
        />
    }
}
