//! Toasts: what just happened, for six seconds. Never an error that must be read.

use std::time::Duration;

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

const SHOWN_FOR: Duration = Duration::from_secs(6);

/// The toasts of a page: a layout provides them, pages say.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    shown: RwSignal<Vec<(u32, String)>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Makes them and provides them to everything below.
    #[must_use]
    pub fn provide() -> Self {
        let toasts = Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    /// Shows `text` for six seconds. In the browser only.
    pub fn say(self, text: impl Into<String>) {
        let key = self.next.get_value();
        self.next.set_value(key.wrapping_add(1));
        self.shown.update(|shown| shown.push((key, text.into())));
        set_timeout(
            move || {
                self.shown.try_update(|shown| shown.retain(|(other, _)| *other != key));
            },
            SHOWN_FOR,
        );
    }
}

/// Where toasts appear: once a layout.
#[component]
pub fn ToastRegion(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|(key, _)| *key let((_, text))>
                <div class="toast">
                    <Glyph icon=Icon::Check />
                    {text}
                </div>
            </For>
        </div>
    }
}
