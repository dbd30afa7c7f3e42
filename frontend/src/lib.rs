#![doc = include_str!("../README.md")]

use app::routes::part_of;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the module script of every page once the wasm is loaded. If the page's part can't be loaded, the page is not hydrated; its
/// links and plain forms still work.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = leptos::prelude::location().pathname().unwrap_or_default();
    let is_loaded = match part_of(&path) {
        Some(part) => part.load().await.is_ok(),
        None => true,
    };
    if is_loaded {
        leptos::mount::hydrate_body(app::App);
    }
}
