//! Menus: a `<details>` that floats, so it opens without scripts; with them it closes on Esc, a click elsewhere, a choice or a form
//! that is sent.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// A summary and what it opens. `up` opens above, as at the foot of the rail.
#[component]
pub fn Menu(
    /// What the menu is, for assistive tech.
    #[prop(into)]
    label: String,
    /// The class of the summary: `account`, `btn ghost`, `ib`.
    #[prop(into)]
    class: String,
    #[prop(into)] summary: ViewFnOnce,
    #[prop(optional)] up: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    close_elsewhere(node);
    let close_on_escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && close(node) {
            event.stop_propagation();
        }
    };
    // A link inside was followed: with routing in the browser the page goes on, and so would the menu.
    let close_on_choice = move |event: ev::MouseEvent| {
        if is_within(&event, "a") {
            close(node);
        }
    };
    // Its form's own handler lets a submit go no further up: it is heard on its way down.
    view! {
        <details node_ref=node class="drop" class:up=up on:keydown=close_on_escape>
            <summary class=class aria-label=label>
                {summary.run()}
            </summary>
            <div
                class="pop"
                on:click=close_on_choice
                on:submit:capture=move |_| {
                    close(node);
                }
            >
                {children()}
            </div>
        </details>
    }
}

/// Whether something was clicked that the selector describes, or anything in that.
pub(crate) fn is_within(event: &ev::MouseEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|found| found.is_some()))
}

/// Closes it and gives focus back to its summary, if it was open.
fn close(node: NodeRef<html::Details>) -> bool {
    let Some(details) = node.get_untracked().filter(web_sys::HtmlDetailsElement::open) else { return false };
    details.set_open(false);
    let summary = details.first_element_child().and_then(|child| child.dyn_into::<web_sys::HtmlElement>().ok());
    // Whether focus could be moved changes nothing here.
    let _ = summary.map(|summary| summary.focus());
    true
}

fn close_elsewhere(node: NodeRef<html::Details>) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::pointerdown, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            if let Some(details) = node.get_untracked()
                && details.open()
                && !details.contains(target.as_ref())
            {
                details.set_open(false);
            }
        });
        on_cleanup(move || handle.remove());
    });
}
