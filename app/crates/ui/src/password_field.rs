//! The field of a password, with a button that shows it.

use leptos::prelude::*;

use crate::{
    button::{Button, ButtonSize},
    field::{InputKind, TextField},
};

/// A password, with a button that shows it.
#[component]
pub fn PasswordField(
    #[prop(into)] label: String,
    /// The name in the form data.
    #[prop(into)]
    name: String,
    /// The signal that holds the text.
    #[prop(optional)]
    bind: Option<RwSignal<String>>,
    #[prop(optional)] large: bool,
    #[prop(optional, into)] hint: Signal<Option<String>>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// The `autocomplete` attribute: browsers log a warning for a password without it.
    #[prop(into)]
    autocomplete: String,
) -> impl IntoView {
    let bind = bind.unwrap_or_else(|| RwSignal::new(String::new()));
    let shown = RwSignal::new(false);
    let kind = Signal::derive(move || if shown.get() { InputKind::Text } else { InputKind::Password });
    let size = if large { ButtonSize::Large } else { ButtonSize::Normal };
    let beside = move || {
        view! {
            <Button size on:click=move |_| shown.update(|shown| *shown = !*shown) attr:title="Show or hide the password">
                {move || if shown.get() { "Hide" } else { "Show" }}
            </Button>
        }
    };
    view! { <TextField label name kind bind large hint error autocomplete beside /> }
}
