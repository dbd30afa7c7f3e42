//! Nothing to show, and why: there is none, the filters leave none, or it couldn't be loaded.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// There is none: why (children), and the command or the button that makes one.
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

/// The filters leave none: how many there are without them (children), and the way to clear them.
#[component]
pub fn EmptyFilter(
    /// "No runs match".
    #[prop(into)]
    title: String,
    /// The list without filters.
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

/// It couldn't be loaded: what failed, a way to try again, and the request to quote.
#[component]
pub fn ErrorPanel(
    /// "Can’t load runs".
    #[prop(into)]
    title: String,
    #[prop(optional, into)] request: Option<String>,
    /// The address to try again; empty is the page itself.
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
