//! It broke, and not by the reader's fault: what to quote, and the ways on.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::prelude::*;

use crate::{error::Error, links};

/// The page. Whoever renders it has set the status.
#[component]
pub fn ServerError(error: Error) -> impl IntoView {
    let here = links::here();
    let trace = format!("{} {here}", error.status());
    let request = error.request().map(|request| request.to_string());
    let (title, text) = match &error {
        Error::TooMany { .. } => ("One moment", error.sentence()),
        Error::Refused(sentence) => ("This can’t be shown", sentence.clone()),
        Error::Unavailable { .. } | Error::Unreachable => {
            ("The server can’t answer now", "Your runs go on. Try again in a moment.".to_owned())
        }
        _ => (
            "This page broke on our side",
            "Nothing you did, and your runs go on. Try again. If it keeps failing, quote this request to whoever runs the server."
                .to_owned(),
        ),
    };
    let quote = move || request.map(|request| view! { <CopyField value=request what="request id" /> });
    view! {
        <Title text="Error" />
        <Lost art=Art::Fallen title text quote trace>
            // Loaded anew as a whole: whatever is wrong may be in this page's scripts too.
            <a class="btn primary" href=here rel="external">
                <Glyph icon=Icon::Retry />
                "Try again"
            </a>
            <LinkButton href="/">"Go to workspaces"</LinkButton>
        </Lost>
    }
    .into_any()
}
