//! The HTML document around the pages. Knows the names of the hashed assets; must not know any page.

use std::collections::BTreeMap;

use http::{Uri, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use model::zone::BrowserZone;
use serde::Deserialize;
use ui::theme::Theme;

use crate::{App, routes::parts_of};

/// The paths of the site's hashed files, relative to the root: the build's `manifest.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    /// The script that loads parts.
    pub loader: String,
    /// The script for menus, shortcuts, and the reader's place.
    pub page: String,
    pub css: String,
    /// By part, the pack of the wasm that its pages need in addition to the first, or its tab in addition to the page's part.
    pub packs: BTreeMap<String, String>,
    /// By its name in the folder `public`, a file of it.
    pub public: BTreeMap<String, String>,
}

impl Assets {
    /// The packs of the page at a URL, and of its open tab.
    fn packs_of(&self, uri: &Uri) -> Vec<&String> {
        let search = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        parts_of(uri.path(), &search).filter_map(|part| self.packs.get(part.name())).collect()
    }
}

/// The fonts that every page shows at once.
const FONTS: [&str; 2] = ["fonts/atkinson-hyperlegible-next-400-700.woff2", "fonts/spline-sans-mono-400-600.woff2"];
const FAVICON: &str = "favicon.svg";
const TOUCH_ICON: &str = "apple-touch-icon.png";
const DESCRIPTION: &str = "Provost shows your Prefect flow runs live: which are late or failed, and why.";
/// By theme, the background of pages: `--bg` of `style/tokens.css`.
const BACKGROUNDS: [(Theme, &str); 2] = [(Theme::Light, "#f3f6f8"), (Theme::Dark, "#0b1315")];

/// Sets the cookie with the browser's time zone. It runs before the wasm is loaded, so that the next page has the zone at once.
const ZONE_SCRIPT: &str = include_str!("../scripts/zone.js");

/// The document that every page is rendered into.
pub fn shell(assets: Option<&Assets>) -> impl IntoView + use<> {
    let theme = use_context::<Theme>().unwrap_or_default();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=DESCRIPTION />
                {theme_colors(theme)}
                {assets.map(files)}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The colour that phones show around the page: its background, in the chosen theme or in both.
fn theme_colors(theme: Theme) -> impl IntoView + use<> {
    let is_fixed = theme != Theme::System;
    let colors = BACKGROUNDS.into_iter().filter(move |(known, _)| !is_fixed || *known == theme);
    let colors = colors.map(move |(known, color)| {
        let media = known.attribute().filter(|_| !is_fixed).map(|name| format!("(prefers-color-scheme: {name})"));
        // The macro knows no attribute `media` of this element.
        leptos::html::meta().name("theme-color").content(color).attr("media", media)
    });
    colors.collect_view()
}

/// Icons, fonts, style and scripts, by their hashed names. Only a script with the page's nonce runs.
fn files(assets: &Assets) -> impl IntoView + use<> {
    let Assets { js, wasm, loader, page, css, public, .. } = assets;
    let icon =
        public.get(FAVICON).map(|icon| view! { <link rel="icon" href=format!("/{icon}") r#type="image/svg+xml" /> });
    let touch_icon =
        public.get(TOUCH_ICON).map(|icon| view! { <link rel="apple-touch-icon" href=format!("/{icon}") /> });
    let fonts = FONTS.iter().filter_map(|font| public.get(*font)).map(|font| {
        view! { <link rel="preload" href=format!("/{font}") r#as="font" r#type="font/woff2" crossorigin="" /> }
    });
    let fonts = fonts.collect_view();
    let packs = use_context::<Parts>().map(|parts| assets.packs_of(&parts.uri)).unwrap_or_default();
    let preloads = std::iter::once(&wasm).chain(&packs).map(|file| {
        view! { <link rel="preload" href=format!("/{file}") r#as="fetch" crossorigin="" /> }
    });
    let preloads = preloads.collect_view();
    let load_packs: String = packs.iter().map(|pack| format!("loadPack('/{pack}'); ")).collect();
    let zone = use_context::<BrowserZone>().map(|zone| zone.rules.to_string());
    let start = format!(
        "import init, {{ hydrate }} from '/{js}'; import {{ loadPack }} from '/{loader}'; import '/{page}'; {load_packs}\
         await init({{ module_or_path: '/{wasm}' }}); hydrate();"
    );
    view! {
        {icon}
        {touch_icon}
        {fonts}
        <link rel="stylesheet" href=format!("/{css}") />
        <script nonce=use_nonce() data-zone=zone inner_html=ZONE_SCRIPT></script>
        <link rel="modulepreload" href=format!("/{js}") />
        <link rel="modulepreload" href=format!("/{loader}") />
        <link rel="modulepreload" href=format!("/{page}") />
        {preloads}
        <script type="module" nonce=use_nonce() inner_html=start></script>
    }
}

#[cfg(test)]
mod tests {
    use super::BACKGROUNDS;

    #[test]
    fn colour_around_the_page_is_its_background() {
        let [(_, light), (_, dark)] = BACKGROUNDS;
        let tokens = include_str!("../../style/tokens.css");
        assert!(tokens.contains(&format!("--bg: light-dark({light}, {dark});")));
    }
}
