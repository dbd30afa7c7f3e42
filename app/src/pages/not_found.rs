//! The page for paths that don't exist and for objects that the person may not see. It doesn't reveal which of the two it is.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use ui::prelude::*;

use crate::{error::Error, links, response_status::ResponseStatus};

/// The page. On the server it sets the status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    not_found(false)
}

/// The page, or its content `within` a page's frame.
pub fn not_found(within: bool) -> AnyView {
    ResponseStatus::set(Error::NotFound.status());
    let path = use_location().pathname.get_untracked();
    view! {
        <Title text="Not found" />
        <ErrorPage
            art=Art::Unlit
            title="Page not found"
            text="The page may have moved, or you may not have access to it. If someone sent you the link, ask them which workspace it’s in."
            trace=format!("404 {path}")
            within
        >
            <LinkButton href=links::workspaces_path() kind=ButtonKind::Primary>
                "Go to workspaces"
            </LinkButton>
            <LinkButton href=links::help_path()>"Help"</LinkButton>
        </ErrorPage>
    }
    .into_any()
}
