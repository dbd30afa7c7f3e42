//! The cards that end the page: the client is signed in, it is not, or the link can't be used.

use leptos::prelude::*;
use model::api_key::ApiKey;
use ui::prelude::*;

use super::{
    card::{ExitLink, LoginCommand, OwnedCard},
    server::PageOwner,
};
use crate::links;

/// The client has the key.
#[component]
pub fn SignedInCard(owner: PageOwner, key: ApiKey, clock: Signal<Clock>) -> impl IntoView {
    let expires = key.expires.map(|end| {
        // By the key's own time: the page's clock is some seconds behind it.
        format!("{} ({})", expiry(Some(end), key.created).0, short_date_time(end, clock.get_untracked()))
    });
    view! {
        <OwnedCard
            owner
            title="The terminal is signed in"
            art=Art::ClientSignedIn
            sub=|| "You can close this tab and go back to the terminal."
            foot=|| view! { <ExitLink href=links::workspaces_path()>"Go to workspaces"</ExitLink> }
        >
            <DetailList>
                <Detail name="Key">{key.name}</Detail>
                <Detail name="Ends with" mono=true>{format!("…{}", key.last_four)}</Detail>
                <Detail name="Expires">{expires}</Detail>
            </DetailList>
            <p class="small t3">
                "Not what you wanted? " <KeysLink>"Delete the key"</KeysLink> ", and the terminal is signed out at once."
            </p>
        </OwnedCard>
    }
    .into_any()
}

/// The person has denied. `told` if the client knows.
#[component]
pub fn DeniedCard(owner: PageOwner, told: bool) -> impl IntoView {
    let sub = move || {
        if told {
            "No key was created, and the terminal has stopped waiting.".into_any()
        } else {
            "No key was created. This page couldn’t tell the terminal, which stops waiting after two minutes."
                .into_any()
        }
    };
    view! {
        <OwnedCard owner title="Denied" art=Art::ClientRefused sub foot=|| view! { <ExitLink href=links::workspaces_path()>"Go to workspaces"</ExitLink> }>
            <p>
                "If you didn’t run " <LoginCommand /> " yourself, another program on this computer may have. Check your "
                <KeysLink>"API keys"</KeysLink> " and "
                <a class="link" href=links::my_sessions_path() rel="external">
                    "sessions"
                </a> " for any you don’t know."
            </p>
        </OwnedCard>
    }
    .into_any()
}

/// The client has stopped waiting before the person decided.
#[component]
pub fn TimedOutCard(owner: PageOwner) -> impl IntoView {
    view! {
        <OwnedCard
            owner
            title="The terminal has stopped waiting"
            art=Art::ClientRefused
            sub=|| "It waits two minutes for an answer. No key was created."
            foot=|| view! { <ExitLink href=links::workspaces_path()>"Go to workspaces"</ExitLink> }
        >
            <p>"To sign in, run " <LoginCommand /> " in the terminal again. It opens this page anew."</p>
        </OwnedCard>
    }
    .into_any()
}

/// The key that the client did not get was deleted.
#[component]
pub fn DeletedKeyCard(owner: PageOwner) -> impl IntoView {
    view! {
        <OwnedCard
            owner
            title="Key deleted"
            art=Art::ClientRefused
            sub=|| "No client can sign in with it any more."
            foot=|| view! { <ExitLink href=links::api_keys_path()>"Go to API keys"</ExitLink> }
        >
            <p>"To sign in, run " <LoginCommand /> " in the terminal again."</p>
        </OwnedCard>
    }
    .into_any()
}

/// The link names no terminal on this computer.
#[component]
pub fn RefusedCard(owner: PageOwner, callback: String) -> impl IntoView {
    let (sub, asked) = if callback.is_empty() {
        ("This page answers a terminal, and the link doesn’t name one.", None)
    } else {
        let asked = view! {
            <DetailList>
                <Detail name="The link asked for" mono=true>{callback}</Detail>
            </DetailList>
        };
        let sub =
            "A key is sent only to a terminal on this computer, and the link names another place. No key was created.";
        (sub, Some(asked))
    };
    let foot = || {
        view! {
            <a class="btn ghost" href=links::help_path() rel="external">
                "Help"
            </a>
            <ExitLink href=links::workspaces_path()>"Go to workspaces"</ExitLink>
        }
    };
    view! {
        <OwnedCard owner title="This link can’t be used" art=Art::ClientRefused sub=move || sub foot>
            {asked}
            <p>
                "If someone sent you this link, don’t open it again. To sign in from a terminal, run " <LoginCommand /> " there yourself."
            </p>
        </OwnedCard>
    }
    .into_any()
}

/// A link to the list of keys.
#[component]
fn KeysLink(children: Children) -> impl IntoView {
    view! {
        <a class="link" href=links::api_keys_path() rel="external">
            {children()}
        </a>
    }
}
