//! The HTML document around the pages. Knows the names of the hashed assets; must not know any page.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use serde::Deserialize;
use ui::theme::Theme;

use crate::App;

/// Where the site's hashed files lie, relative to the root: the build's `manifest.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
}

/// The fonts that every page shows at once.
const FONTS: [&str; 2] = ["/fonts/atkinson-hyperlegible-next-400-700.woff2", "/fonts/spline-sans-mono-400-600.woff2"];

/// The document that every page is rendered into.
pub fn shell(assets: Option<&Assets>) -> impl IntoView + use<> {
    let theme = use_context::<Theme>().unwrap_or_default();
    let fonts =
        FONTS.map(|font| view! { <link rel="preload" href=font r#as="font" r#type="font/woff2" crossorigin="" /> });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml" />
                {fonts.into_iter().collect_view()}
                {assets.map(files)}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Style and script, by their hashed names. Only a script with the page's nonce runs.
fn files(Assets { js, wasm, css }: &Assets) -> impl IntoView + use<> {
    let start =
        format!("import init, {{ hydrate }} from '/{js}'; await init({{ module_or_path: '/{wasm}' }}); hydrate();");
    view! {
        <link rel="stylesheet" href=format!("/{css}") />
        <link rel="modulepreload" href=format!("/{js}") />
        <link rel="preload" href=format!("/{wasm}") r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="module" nonce=use_nonce() inner_html=start></script>
    }
}
