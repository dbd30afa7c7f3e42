//! The browser's entry point: takes over the page that the server rendered. Must not know anything else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the module script of every page once the wasm is there.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
