//! The card with a key that the client did not get: the person pastes it into the terminal, or deletes it.

use leptos::prelude::*;
use ui::prelude::*;

use super::{
    card::{LoginCommand, OwnedCard},
    decision::Decision,
    server::{ApprovedKey, PageOwner},
};
use crate::{
    connect::{Commands, with_short_key},
    form::FormErrorBanner,
};

/// The card. `tried` if the browser tried to send the key.
#[component]
pub fn UnsentKeyCard(
    owner: PageOwner,
    public_url: String,
    approved: ApprovedKey,
    tried: bool,
    decision: Decision,
    clock: Signal<Clock>,
) -> impl IntoView {
    let port = decision.callback.port();
    let secret = approved.secret.clone().into_text();
    let (title, why) = if tried {
        (
            "The key didn’t reach the terminal",
            format!(
                "Your browser couldn’t connect to port {port}. It may have blocked the request, or the terminal has stopped waiting."
            ),
        )
    } else {
        ("Copy your key now", "This page didn’t send the key to the terminal. Paste it there instead.".to_owned())
    };
    let name = match approved.key.expires {
        Some(end) => format!("{}, expires on {}", approved.key.name, short_date_time(end, clock.get_untracked())),
        None => approved.key.name.clone(),
    };
    let login = Commands::new(&public_url, &secret).login(None);
    let line = Line::Secret { shown: with_short_key(&login, &secret), text: login };
    let foot = move || view! { <KeyActions approved decision /> };
    view! {
        <OwnedCard owner title art=Art::ClientRefused sub=move || why foot>
            <p class="small t2">{name}</p>
            <CopyField value=secret what="API key" once=true />
            <Banner tone=Tone::Warn>"The key is shown only once. If you lose it, delete it and create a new one."</Banner>
            <p>"In the terminal, press " <kbd>"Ctrl"</kbd> " " <kbd>"C"</kbd> " to stop " <LoginCommand /> ", then run:"</p>
            <Terminal title="Terminal" lines=vec![line] />
            <FormErrorBanner form=decision.actions.delete_form />
        </OwnedCard>
    }
    .into_any()
}

#[component]
fn KeyActions(approved: ApprovedKey, decision: Decision) -> impl IntoView {
    let id = approved.key.id.to_string();
    let deleting = decision.actions.delete_form.is_pending();
    let sending = decision.is_approving();
    let retry = move |_| decision.send(approved.clone());
    view! {
        <ActionForm action=decision.actions.delete>
            <input type="hidden" name="id" value=id />
            <Button kind=ButtonKind::DangerQuiet submit=true busy=deleting disabled=sending>
                "Delete this key"
            </Button>
        </ActionForm>
        <span class="grow"></span>
        <Button icon=Icon::Retry busy=sending disabled=deleting on:click=retry>
            "Try the terminal again"
        </Button>
    }
}
