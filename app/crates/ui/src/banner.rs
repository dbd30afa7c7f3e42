//! Banners: a notice with at most one button, and the first error of a failed run.

use leptos::prelude::*;
use model::state::StateType;

use crate::{
    copy::{CopyButton, CopyLook},
    icon::{Glyph, Icon},
    state::StateGlyph,
};

/// The severity of a banner.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    #[default]
    Info,
    Ok,
    Warn,
    Bad,
}

/// A notice. `action` is its only button.
#[component]
pub fn Banner(
    #[prop(optional)] tone: Tone,
    #[prop(optional)] icon: Option<Icon>,
    #[prop(optional, into)] action: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    let (class, default_icon, role) = match tone {
        Tone::Info => ("banner", Icon::Info, "status"),
        Tone::Ok => ("banner ok", Icon::Check, "status"),
        Tone::Warn => ("banner warn", Icon::Warn, "status"),
        Tone::Bad => ("banner bad", Icon::Warn, "alert"),
    };
    view! {
        <div class=class role=role>
            <Glyph icon=icon.unwrap_or(default_icon) />
            <span class="grow">{children()}</span>
            {action.run()}
        </div>
    }
}

/// Why a run failed: time and task run, the message, and further details (children) below.
#[component]
pub fn FirstError(
    /// Type and name of the run's state.
    state: (StateType, String),
    /// "First error, at 09:45:58 in write_invoices-3".
    #[prop(into)]
    heading: ViewFnOnce,
    #[prop(into)] message: String,
    /// The link to its log line; empty if there is none.
    #[prop(optional, into)]
    log_href: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (state_type, name) = state;
    view! {
        <section class="firsterr" aria-label="First error">
            <div class="flex">
                <StateGlyph state_type name />
                <div class="grow">
                    <div class="small t2">{heading.run()}</div>
                    // Focusable, so that a long message can be scrolled with the keyboard.
                    <pre tabindex="0">{message.clone()}</pre>
                </div>
                <div class="flex">
                    {(!log_href.is_empty()).then(|| view! { <a class="btn sm" href=log_href data-noscroll="">"Show in logs"</a> })}
                    <CopyButton text=message what="the error" look=CopyLook::Icon />
                </div>
            </div>
            {children.map(|children| view! { <div class="then">{children()}</div> })}
        </section>
    }
}
