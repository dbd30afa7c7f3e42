//! Empty lists: no objects yet, no match for the filters, or a load error.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// An empty list: the reason (children), and the command or button that creates an object (`then`).
#[component]
pub fn Empty(
    #[prop(into)] title: String,
    icon: Icon,
    #[prop(optional, into)] then: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="list empty">
            <Glyph icon />
            <h2>{title}</h2>
            <p>{children()}</p>
            {then.run()}
        </div>
    }
}

/// No match: the total without filters (children), and a button that clears the filters.
#[component]
pub fn EmptyFilter(
    /// "No runs match".
    #[prop(into)]
    title: String,
    /// The URL of the list without filters.
    #[prop(into)]
    clear: String,
    children: Children,
) -> impl IntoView {
    let then = move || {
        view! {
            <div class="acts">
                <a class="btn" href=clear>
                    "Clear filters"
                </a>
            </div>
        }
    };
    view! {
        <Empty title icon=Icon::Filter then>
            {children()}
        </Empty>
    }
}

/// A load error: what failed, a button to try again, and the request id to quote.
#[component]
pub fn ErrorPanel(
    /// "Can’t load runs".
    #[prop(into)]
    title: String,
    #[prop(optional, into)] request: Option<String>,
    /// The URL to try again; empty means the current page.
    #[prop(optional, into)]
    retry: String,
) -> impl IntoView {
    let quote = request.map_or_else(
        || "Try again.".into_any(),
        |request| view! { "Try again. If it keeps failing, quote request " <code>{request}</code> "." }.into_any(),
    );
    view! {
        <div class="list empty bad" role="alert">
            <Glyph icon=Icon::Warn />
            <h2>{title}</h2>
            <p>{quote}</p>
            <div class="acts">
                <a class="btn" href=retry rel="external">
                    <Glyph icon=Icon::Retry />
                    "Try again"
                </a>
            </div>
        </div>
    }
}
