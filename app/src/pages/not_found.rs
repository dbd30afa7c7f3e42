//! There is nothing at this address, or nothing that this person may see: the two look the same.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use ui::prelude::*;

use crate::{error::Error, form::Status};

/// The page. On the server it answers with 404.
#[component]
pub fn NotFound() -> impl IntoView {
    not_found(false)
}

/// The same; or `within` a page, whose place it takes.
pub fn not_found(within: bool) -> AnyView {
    Status::set(Error::NotFound.status());
    let path = use_location().pathname.get_untracked();
    view! {
        <Title text="Not found" />
        <Lost
            art=Art::Unlit
            title="No light at this door"
            text="The page may have moved, or you may not have access to it. If someone sent you the link, ask them which workspace it’s in."
            trace=format!("404 {path}")
            within
        >
            <LinkButton href="/" kind=ButtonKind::Primary>
                "Go to workspaces"
            </LinkButton>
            <LinkButton href="/help">"Help"</LinkButton>
        </Lost>
    }
    .into_any()
}
