//! Check boxes. They take effect when the surrounding form is submitted.

use leptos::prelude::*;

/// A check box with its label to the right.
#[component]
pub fn CheckField(
    #[prop(into)] label: String,
    #[prop(into)] name: String,
    #[prop(optional, into)] value: String,
    /// The signal that holds whether it is checked. Without it the check box has a signal of its own.
    #[prop(optional)]
    bind: Option<RwSignal<bool>>,
    #[prop(optional)] checked: bool,
    /// In front of the label.
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
