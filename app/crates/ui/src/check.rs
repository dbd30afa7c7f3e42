//! Check boxes: they wait for the form around them.

use leptos::prelude::*;

/// A check box with its words to the right.
#[component]
pub fn CheckField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] value: String,
    /// Holds whether it is checked; without it the box keeps it to itself.
    #[prop(optional)]
    bind: Option<RwSignal<bool>>,
    #[prop(optional)] checked: bool,
    /// Before the words.
    #[prop(optional, into)]
    sign: ViewFnOnce,
) -> impl IntoView {
    let bound = bind.unwrap_or_else(|| RwSignal::new(checked));
    view! {
        <label class="tick">
            <input
                class="check"
                type="checkbox"
                name=name
                value=(!value.is_empty()).then_some(value)
                checked=bound.get_untracked()
                on:change=move |event| bound.set(event_target_checked(&event))
            />
            {sign.run()}
            {label}
        </label>
    }
}
