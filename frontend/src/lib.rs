#![doc = include_str!("../README.md")]

use app::routes::parts_of;
use wasm_bindgen::prelude::wasm_bindgen;

/// Room for the data of parts. The splitter aligns the data of each file to 16 bytes, and leaves all of it in the base if it then takes
/// more than before. No code refers to these bytes, so that they are in none of the files.
#[used]
static ROOM: [u8; 8192] = [0; 8192];

/// Called by the module script of every page once the wasm is loaded. If a part of the page can't be loaded, the page is not hydrated;
/// its links and plain forms still work.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let location = leptos::prelude::location();
    let (path, search) = (location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    for part in parts_of(&path, &search) {
        if part.load().await.is_err() {
            return;
        }
    }
    leptos::mount::hydrate_body(app::App);
}
