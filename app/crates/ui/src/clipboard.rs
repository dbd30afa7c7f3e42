//! The browser's clipboard. Only event handlers may call it, because it doesn't exist on the server.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

/// Copies `text` to the clipboard. Returns whether that succeeded.
pub async fn copy(text: &str) -> bool {
    // Browsers have no clipboard object for pages over plain HTTP from another machine, but `execCommand` still works there.
    if window().is_secure_context() {
        let written = JsFuture::from(window().navigator().clipboard().write_text(text)).await;
        if written.is_ok() {
            return true;
        }
    }
    copy_by_selection(text).unwrap_or(false)
}

fn copy_by_selection(text: &str) -> Option<bool> {
    let document = document().dyn_into::<HtmlDocument>().ok()?;
    let focused = document.active_element();
    // Next to the button, because nothing outside of an open dialog can be selected.
    let parent =
        focused.as_ref().and_then(|element| element.parent_element()).or_else(|| document.body().map(Into::into))?;
    let area: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_class_name("sr");
    area.set_value(text);
    parent.append_child(&area).ok()?;
    area.select();
    let copied = document.exec_command("copy").ok();
    area.remove();
    if let Some(focused) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // A failed focus can be ignored: the text is copied.
        let _ = focused.focus();
    }
    copied
}
