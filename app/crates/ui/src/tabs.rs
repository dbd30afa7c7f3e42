//! Tabs. They are links, so that each has a URL and works without JavaScript.

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
    /// A tab for another page, without a counter.
    pub fn new(href: impl Into<String>, label: impl Into<String>, icon: Icon) -> Self {
        Self { href: href.into(), label: label.into(), icon, count: None, current: Signal::stored(false) }
    }

    /// Adds a counter.
    #[must_use]
    pub fn count(mut self, count: impl Into<Signal<u64>>) -> Self {
        self.count = Some(count.into());
        self
    }

    /// Sets the signal that marks the tab as the current one.
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
    /// Whether the tabs are parts of one page, which then keeps its scroll position.
    #[prop(optional)]
    within: bool,
) -> impl IntoView {
    let no_scroll = within.then_some("");
    let links = tabs
        .into_iter()
        .map(|Tab { href, label, icon, count, current }| {
            view! {
                <a href=href data-noscroll=no_scroll aria-current=move || current.get().then_some("page")>
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
