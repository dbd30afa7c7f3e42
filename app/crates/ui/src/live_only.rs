//! Words about what is to come.

use leptos::prelude::*;

/// What scripts bring to the page by themselves. Without them the reader is told to ask again.
#[component]
pub fn Awaited(children: Children) -> impl IntoView {
    view! {
        <span class="scripted">{children()}</span>
        <noscript inner_html="Reload to see more."></noscript>
    }
}
