//! A name, and the handle that is made from it until somebody writes another.

use leptos::prelude::*;
use model::handle::handle_from_name;
use ui::prelude::*;

use crate::form::LastTry;

/// What is typed into both fields.
#[derive(Clone, Copy)]
pub struct NameAndHandle {
    pub name: RwSignal<String>,
    handle: RwSignal<String>,
}

impl NameAndHandle {
    /// Of the form whose last try this is.
    pub fn of(last: LastTry) -> Self {
        let typed = |field| RwSignal::new(last.typed(field).unwrap_or_default());
        let (name, handle) = (typed("name"), typed("handle"));
        Effect::new(move |made_before: Option<String>| {
            let made = name.with(|name| handle_from_name(name)).map(String::from).unwrap_or_default();
            let written = handle.get_untracked();
            // What somebody wrote stays; what was made from the name goes with the name.
            if written != made && (written.is_empty() || Some(written) == made_before) {
                handle.set(made.clone());
            }
            made
        });
        Self { name, handle }
    }
}

/// The field of the handle. Left empty, the server makes one from the name.
#[component]
pub fn HandleField(
    both: NameAndHandle,
    last: LastTry,
    #[prop(into)] hint: String,
    #[prop(optional)] large: bool,
) -> impl IntoView {
    view! {
        <TextField
            label="Handle"
            name="handle"
            bind=both.handle
            hint=Signal::stored(Some(hint))
            error=last.field("handle")
            optional=true
            autocomplete="off"
            max=39
            large=large
        />
    }
}
