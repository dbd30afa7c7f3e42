//! The browser's entry point: takes over the page that the server rendered. Must not know anything else.

use app::parts::Part;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the module script of every page once the wasm is there. Without its part a page stays as the server made it: links and
/// forms work.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = leptos::prelude::location().pathname().unwrap_or_default();
    let ready = match Part::of(&path) {
        Some(part) => part.load().await.is_ok(),
        None => true,
    };
    if ready {
        leptos::mount::hydrate_body(app::App);
    }
}
