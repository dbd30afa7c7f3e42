//! The browser's clipboard. Only called from event handlers, so never on the server.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

/// Puts `text` on the clipboard and says whether that worked.
pub async fn put(text: &str) -> bool {
    // Over plain http to another machine the browser offers no clipboard object; there the old command still works.
    if window().is_secure_context() {
        let written = JsFuture::from(window().navigator().clipboard().write_text(text)).await;
        if written.is_ok() {
            return true;
        }
    }
    put_by_selection(text).unwrap_or(false)
}

fn put_by_selection(text: &str) -> Option<bool> {
    let document = document().dyn_into::<HtmlDocument>().ok()?;
    let focused = document.active_element();
    // Beside the button, since everything outside an open dialog can't be selected.
    let place =
        focused.as_ref().and_then(|element| element.parent_element()).or_else(|| document.body().map(Into::into))?;
    let area: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    area.set_class_name("sr");
    area.set_value(text);
    place.append_child(&area).ok()?;
    area.select();
    let copied = document.exec_command("copy").ok();
    area.remove();
    if let Some(focused) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Focus is a courtesy; the copy has happened.
        let _ = focused.focus();
    }
    copied
}
