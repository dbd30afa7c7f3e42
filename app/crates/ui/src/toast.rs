//! Toasts: short confirmations that disappear after six seconds. Errors, which must be read, are never toasts.

use std::time::Duration;

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

const SHOWN_FOR: Duration = Duration::from_secs(6);

/// The toasts. A layout provides them as context; pages call [`Toasts::show`].
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    visible: RwSignal<Vec<(u32, String)>>,
    next_key: StoredValue<u32>,
}

impl Toasts {
    /// Creates the toasts and provides them as context.
    #[must_use]
    pub fn provide() -> Self {
        let toasts = Self { visible: RwSignal::new(Vec::new()), next_key: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    /// Shows `text` for six seconds, and no other toast with the same text. Call it only in the browser.
    pub fn show(self, text: impl Into<String>) {
        let (key, text) = (self.next_key.get_value(), text.into());
        self.next_key.set_value(key.wrapping_add(1));
        self.visible.update(|visible| {
            visible.retain(|(_, other)| *other != text);
            visible.push((key, text));
        });
        set_timeout(
            move || {
                self.visible.try_update(|visible| visible.retain(|(other, _)| *other != key));
            },
            SHOWN_FOR,
        );
    }
}

/// The region in which toasts appear; once per layout.
#[component]
pub fn ToastRegion(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.visible.get() key=|(key, _)| *key let((_, text))>
                <div class="toast">
                    <Glyph icon=Icon::Check />
                    {text}
                </div>
            </For>
        </div>
    }
}
