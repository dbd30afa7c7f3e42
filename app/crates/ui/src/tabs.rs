//! Tabs: links, so that each has an address and works without scripts.

use leptos::prelude::*;

use crate::{
    badge::Counter,
    icon::{Glyph, Icon},
};

/// A tab.
#[derive(Clone, Debug)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub icon: Icon,
    pub count: Option<Signal<u64>>,
    pub current: Signal<bool>,
}

impl Tab {
    /// A tab the reader isn't at, without a counter.
    pub fn new(href: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        Self { href: href.into(), label: label.into(), icon, count: None, current: Signal::stored(false) }
    }

    /// The same with a counter.
    #[must_use]
    pub fn count(mut self, count: impl Into<Signal<u64>>) -> Self {
        self.count = Some(count.into());
        self
    }

    /// The same, current whenever `current` says so.
    #[must_use]
    pub fn current(mut self, current: impl Into<Signal<bool>>) -> Self {
        self.current = current.into();
        self
    }
}

/// A row of tabs.
#[component]
pub fn Tabs(
    #[prop(into)] label: String,
    tabs: Vec<Tab>,
    /// They are parts of one page, which stays where it is scrolled to.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    let stays = within.then_some("");
    let links = tabs
        .into_iter()
        .map(|Tab { href, label, icon, count, current }| {
            view! {
                <a href=href data-noscroll=stays aria-current=move || current.get().then_some("page")>
                    <Glyph icon />
                    {label}
                    {count.map(|count| view! { <Counter count /> })}
                </a>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs" aria-label=label>
            {links}
        </nav>
    }
}
