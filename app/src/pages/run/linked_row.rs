//! The log line or the task run that the URL's fragment names.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use model::screen::RunView;

use super::view::parse_view;

/// Scrolls to the row in the URL's fragment once that row is rendered. Browsers do so on a page load and mark the row as `:target`; after
/// navigation by script it takes a `location.replace`.
pub fn scroll_to_linked_row(view: RunView) {
    let (hash, query) = (use_location().hash, use_query_map());
    Effect::new(move |_| {
        let hash = hash.get();
        if query.with(parse_view) == view {
            // The rows of a tab whose part was just loaded are in the document with the next frame.
            request_animation_frame(move || mark_as_target(&hash));
        }
    });
}

fn mark_as_target(hash: &str) {
    let row = hash.strip_prefix('#').and_then(|id| document().get_element_by_id(id));
    if let Some(row) = row
        && row.matches(":target").is_ok_and(|is_target| !is_target)
    {
        // Browsers move the focus to the target if it can have the focus, and otherwise nowhere. Setting fails only for invalid names.
        let _ = row.set_attribute("tabindex", "-1");
        // It fails only for URLs of other origins.
        let _ = location().replace(hash);
    }
}
