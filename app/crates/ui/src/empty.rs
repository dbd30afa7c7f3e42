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

/// A load error: what failed, a button to try again, and the request id to quote. If it is `offline`, `app/scripts/offline.js` tries again.
#[component]
pub fn ErrorPanel(
    /// "Can’t load runs".
    #[prop(into)]
    title: String,
    #[prop(optional, into)] request: Option<String>,
    /// Whether the server did not answer.
    #[prop(optional)]
    offline: bool,
    /// The URL to try again; empty means the current page.
    #[prop(optional, into)]
    retry: String,
) -> impl IntoView {
    let advice = if offline { "Can’t reach the server. Your runs keep going." } else { "Try again." };
    let reloads = offline.then_some(" This page reloads automatically when the server is back.");
    let quote = request.map(
        |request| view! { " If it keeps failing, give your administrator request ID " <code>{request}</code> "." },
    );
    view! {
        <div class="list empty bad" role="alert">
            <Glyph icon=Icon::Warn />
            <h2>{title}</h2>
            <p>{advice} <span class="scripted">{reloads}</span> {quote}</p>
            <div class="acts">
                <a class="btn" href=retry rel="external" data-offline=offline.then_some("")>
                    <Glyph icon=Icon::Retry />
                    "Try again"
                </a>
            </div>
        </div>
    }
}
