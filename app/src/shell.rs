//! The HTML document around the pages. Knows the names of the hashed assets; must not know any page.

use crate::App;
use leptos::prelude::*;
use leptos_meta::MetaTags;
use serde::Deserialize;

/// Where the site's hashed files lie, relative to the root: the build's `manifest.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
}

/// The document that every page is rendered into.
pub fn shell(assets: &Assets) -> impl IntoView + use<> {
    let Assets { js, wasm, css } = assets;
    let start = format!("import init, {{ hydrate }} from '/{js}'; await init({{ module_or_path: '/{wasm}' }}); hydrate();");
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <link rel="stylesheet" href=format!("/{css}")/>
                <link rel="modulepreload" href=format!("/{js}")/>
                <link rel="preload" href=format!("/{wasm}") r#as="fetch" r#type="application/wasm" crossorigin=""/>
                <script type="module" inner_html=start></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
