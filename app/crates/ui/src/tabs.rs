//! Tabs. They are links, so that each has a URL and works without JavaScript.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

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
    let strip = NodeRef::<html::Nav>::new();
    let signals: Vec<_> = tabs.iter().map(|tab| tab.current).collect();
    Effect::new(move |_| {
        let current = signals.iter().position(|current| current.get());
        if let (Some(strip), Some(current)) = (strip.get(), current) {
            // After the page has been laid out: to ask for it now, while the new tab's content comes, could move the page.
            request_animation_frame(move || show_tab(&strip, current));
        }
    });
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
        <nav class="tabs" aria-label=label node_ref=strip>
            {links}
        </nav>
    }
}

/// Scrolls the row of tabs, which may be wider than a phone, to one of them, without scrolling the page.
fn show_tab(strip: &HtmlElement, index: usize) {
    let tab = strip.query_selector(&format!("a:nth-child({})", index + 1)).ok().flatten();
    if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
        strip.set_scroll_left(tab.offset_left() - (strip.client_width() - tab.offset_width()) / 2);
    }
}
