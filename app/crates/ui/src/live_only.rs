//! Texts about live updates, which need JavaScript.

use leptos::prelude::*;

/// A text (children) that is true only with live updates. Without JavaScript, a hint to reload the page replaces it.
#[component]
pub fn LiveOnly(children: Children) -> impl IntoView {
    view! {
        <span class="scripted">{children()}</span>
        <noscript inner_html="Reload the page to see updates."></noscript>
    }
}
