//! Menus: a floating `<details>`, so that it opens without JavaScript. With JavaScript it closes on Esc, a click outside, a click on a
//! link, or a submitted form.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// A button (`summary`) and the menu (children) that it opens. With `up` the menu opens above the button.
#[component]
pub fn Menu(
    /// The name of the menu, for assistive technology.
    #[prop(into)]
    label: String,
    /// The class of the button: `account`, `btn ghost`, `ib`.
    #[prop(into)]
    class: String,
    #[prop(into)] summary: ViewFnOnce,
    #[prop(optional)] up: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    close_on_outside_click(node);
    let close_on_escape = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && close(node) {
            event.stop_propagation();
        }
    };
    // The browser's router doesn't reload the page, so the menu would stay open after a click on a link.
    let close_on_link = move |event: ev::MouseEvent| {
        if is_within(&event, "a") {
            close(node);
        }
    };
    // `submit` in the capture phase, because the form's own handler stops its propagation.
    view! {
        <details node_ref=node class="drop" class:up=up on:keydown=close_on_escape>
            <summary class=class aria-label=label>
                {summary.run()}
            </summary>
            <div
                class="pop"
                on:click=close_on_link
                on:submit:capture=move |_| {
                    close(node);
                }
            >
                {children()}
            </div>
        </details>
    }
}

/// Whether the clicked element or one of its ancestors matches the selector.
pub(crate) fn is_within(event: &ev::MouseEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest(selector).is_ok_and(|element| element.is_some()))
}

/// Closes the menu and focuses its button. Returns whether the menu was open.
fn close(node: NodeRef<html::Details>) -> bool {
    let Some(details) = node.get_untracked().filter(web_sys::HtmlDetailsElement::open) else { return false };
    details.set_open(false);
    let summary = details.first_element_child().and_then(|child| child.dyn_into::<web_sys::HtmlElement>().ok());
    // A failed focus can be ignored: the menu is closed.
    let _ = summary.map(|summary| summary.focus());
    true
}

fn close_on_outside_click(node: NodeRef<html::Details>) {
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
