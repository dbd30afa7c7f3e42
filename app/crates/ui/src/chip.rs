//! Chips: tags.

use leptos::prelude::*;

/// One tag.
#[component]
pub fn Chip(#[prop(into)] text: String) -> impl IntoView {
    view! { <span class="chip">{text}</span> }
}

/// The tags of an object. At most `most` are shown; the last chip counts the others.
#[component]
pub fn Chips(tags: Vec<String>, #[prop(default = usize::MAX)] most: usize) -> impl IntoView {
    let rest = tags.len().saturating_sub(most);
    let hidden = (rest > 0).then(|| {
        let names = tags[most..].join(", ");
        view! { <span class="chip" title=names>{format!("+{rest}")}</span> }
    });
    view! { <span class="chips">{tags.into_iter().take(most).map(|tag| view! { <Chip text=tag /> }).collect_view()} {hidden}</span> }
}
