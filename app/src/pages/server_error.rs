//! The page for errors that the person did not cause: what to quote when asking for help, and links to go on.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::prelude::*;

use crate::{
    error::{Error, when_to_retry},
    links,
};

/// The page. The caller sets the status.
#[component]
pub fn ServerError(error: Error) -> impl IntoView {
    let path = links::current_path();
    // The server sent no status if it could not be reached.
    let status = (error != Error::Unreachable).then(|| format!("{} ", error.status()));
    let trace = status.unwrap_or_default() + &path;
    let offline = error.is_outage();
    let request = error.request().map(|request| request.to_string());
    let (title, text) = match &error {
        Error::TooMany { seconds } => ("Too many attempts", when_to_retry(*seconds)),
        Error::Refused(sentence) => ("This page can’t be shown", sentence.clone()),
        Error::Unavailable { .. } | Error::Unreachable => (
            "Can’t reach the server",
            "Your runs keep going. This page reloads automatically when the server is back.".to_owned(),
        ),
        _ => (
            "Something went wrong on the server",
            "You didn’t cause this. Try again. If it keeps failing, give your administrator this request ID."
                .to_owned(),
        ),
    };
    let quote = move || request.map(|request| view! { <CopyField value=request what="request ID" /> });
    view! {
        <Title text="Error" />
        <ErrorPage art=Art::Fallen title text quote trace>
            // A full page load, since the error may be in the scripts that are loaded.
            <a class="btn primary" href=path rel="external" data-offline=offline.then_some("")>
                <Glyph icon=Icon::Retry />
                "Try again"
            </a>
            <LinkButton href=links::workspaces_path()>"Go to workspaces"</LinkButton>
        </ErrorPage>
    }
    .into_any()
}
