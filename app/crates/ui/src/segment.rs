//! Segmented controls: two to four exclusive choices of a form.

use leptos::prelude::*;

use crate::field::Choice;

/// Choices as radio buttons in one bar, with a label above. They work without JavaScript.
#[component]
pub fn SegmentField(
    label: &'static str,
    /// The name in the form data.
    name: &'static str,
    choices: Vec<Choice>,
    /// The value that is chosen at first.
    #[prop(into)]
    value: String,
    /// Below the bar.
    #[prop(optional, into)]
    below: Option<ViewFnOnce>,
) -> impl IntoView {
    let buttons = choices.into_iter().map(|choice| {
        let checked = choice.value == value;
        view! {
            <label>
                <input type="radio" class="sr" name=name value=choice.value checked=checked />
                {choice.label}
            </label>
        }
    });
    view! {
        <fieldset class="field">
            <legend>{label}</legend>
            <div>
                <div class="seg">{buttons.collect_view()}</div>
            </div>
            {below.map(ViewFnOnce::run)}
        </fieldset>
    }
}
