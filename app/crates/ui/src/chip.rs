//! Chips: tags.

use leptos::prelude::*;

use crate::number::counted;

/// One tag.
#[component]
pub fn Chip(#[prop(into)] text: String) -> impl IntoView {
    view! { <span class="chip">{text}</span> }
}

/// The tags of an object. At most `most` are shown; the last chip counts the others and shows their names on hover and on focus.
#[component]
pub fn Chips(tags: Vec<String>, #[prop(default = usize::MAX)] most: usize) -> impl IntoView {
    let rest = tags.get(most..).filter(|rest| !rest.is_empty()).map(|rest| {
        let count = rest.len();
        let names = format!("{}: {}", counted(count as u64, "more tag", "more tags"), rest.join(", "));
        view! {
            <span class="chip more" tabindex="0" role="note" aria-label=names>
                {format!("+{count}")}
            </span>
        }
    });
    view! { <span class="chips">{tags.into_iter().take(most).map(|tag| view! { <Chip text=tag /> }).collect_view()} {rest}</span> }
}
