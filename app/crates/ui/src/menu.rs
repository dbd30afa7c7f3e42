//! Menus: a floating `<details>`, so that it opens without JavaScript. `app/scripts/menu.js` closes it on Esc, a click outside, a click on
//! a link, or a submitted form, and moves through its entries with the arrow keys.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// A button (`summary`) and the menu (children) that it opens. With `up` the menu opens above the button.
#[component]
pub fn Menu(
    /// The name of the menu, for assistive technology, if the button has no text.
    #[prop(optional, into)]
    label: String,
    /// The class of the button: `account`, `btn ghost`, `ib`.
    #[prop(into)]
    class: String,
    #[prop(into)] summary: ViewFnOnce,
    #[prop(optional)] up: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="drop" class:up=up>
            <summary class=class aria-label=(!label.is_empty()).then_some(label)>
                {summary.run()}
            </summary>
            <div class="pop">{children()}</div>
        </details>
    }
}

/// Whether the clicked element or one of its ancestors matches the selector.
pub(crate) fn is_within(event: &ev::MouseEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|element| element.is_some()))
}
