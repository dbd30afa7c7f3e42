//! The field for tags: a token for each tag, and an entry that adds tags. Without JavaScript a token has a checkbox that removes it.

use leptos::{ev, html, prelude::*};

use crate::icon::{Glyph, Icon};

/// The tags of a text in which commas separate them, without empty ones.
#[must_use]
pub fn split_tags(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

/// Adds the tags of the entry's text that are not there yet.
fn add_tags(tags: &mut Vec<String>, text: &str) {
    for tag in split_tags(text) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
}

/// Tags, which are optional. The form data has each tag as `tags[]`, and what is still in the entry as `tag`.
#[component]
pub fn TagField(
    /// The signal that holds the tags.
    bind: RwSignal<Vec<String>>,
    #[prop(into)] error: Signal<Option<String>>,
    /// The most characters of a tag.
    max: u32,
) -> impl IntoView {
    let entry = NodeRef::<html::Input>::new();
    let add = move || {
        if let Some(entry) = entry.get_untracked() {
            bind.update(|tags| add_tags(tags, &entry.value()));
            entry.set_value("");
        }
    };
    let handle_key = move |event: ev::KeyboardEvent| {
        let is_empty = entry.get_untracked().is_none_or(|entry| entry.value().trim().is_empty());
        match event.key().as_str() {
            // Enter ends the input of Japanese and other scripts; in an empty entry it sends the form.
            "Enter" | "," if !event.is_composing() && !is_empty => {
                event.prevent_default();
                add();
            }
            "Backspace" if is_empty => bind.update(|tags| drop(tags.pop())),
            _ => {}
        }
    };
    let below = move || match error.get() {
        Some(error) => view! {
            <span class="err" id="tag-note" role="alert">
                <Glyph icon=Icon::Warn />
                {error}
            </span>
        }
        .into_any(),
        None => view! { <span class="hint" id="tag-note">"Press comma or Enter to add a tag."</span> }.into_any(),
    };
    view! {
        <div class="field">
            <label for="tag">"Tags" <i>"Optional"</i></label>
            <div class="tokens">
                <For each=move || bind.get() key=|tag| tag.clone() let(tag)>
                    <TagToken tag bind />
                </For>
                <input
                    node_ref=entry
                    class="entry"
                    id="tag"
                    name="tag"
                    type="text"
                    maxlength=max
                    placeholder="Add"
                    autocomplete="off"
                    autocapitalize="off"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby="tag-note"
                    on:keydown=handle_key
                />
            </div>
            {below}
        </div>
    }
    .into_any()
}

#[component]
fn TagToken(tag: String, bind: RwSignal<Vec<String>>) -> impl IntoView {
    let label = format!("Remove {tag}");
    let (value, keep_label, removed) = (tag.clone(), format!("Keep {tag}"), tag.clone());
    view! {
        <span class="token">
            <input type="checkbox" class="check unscripted" name="tags[]" value=value checked=true aria-label=keep_label />
            <b class="cut">{tag}</b>
            <button
                type="button"
                aria-label=label.clone()
                title=label
                on:click=move |_| bind.update(|tags| tags.retain(|tag| *tag != removed))
            >
                <Glyph icon=Icon::Cross />
            </button>
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{add_tags, split_tags};

    #[test]
    fn commas_separate_tags() {
        assert_eq!(split_tags(" ingest, night  ,, "), ["ingest", "night"]);
        assert!(split_tags(" , ").is_empty());
    }

    #[test]
    fn a_tag_is_added_once() {
        let mut tags = vec!["ingest".to_owned()];
        add_tags(&mut tags, "night, ingest, night");
        assert_eq!(tags, ["ingest", "night"]);
    }
}
