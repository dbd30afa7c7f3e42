//! Where `prefect cloud login` leads a browser. Handing a key to the terminal isn't built yet, so this leads to the keys.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::prelude::*;

use crate::{
    layout::{Wanted, frame},
    loaded::Loaded,
};

/// The page.
#[component]
pub fn ClientSignInPage() -> impl IntoView {
    let frame = frame(Signal::stored(Wanted::Person));
    view! {
        <Title text="Sign in a client" />
        <Loaded data=frame what="this page" whole=true let(_frame)>
            <Desk
                title="Sign in with a key"
                sub="Somebody ran prefect cloud login and waits for an answer. This server can’t give it from the browser yet."
                foot=|| {
                    view! {
                        <span class="grow"></span>
                        <LinkButton href="/help">"Help"</LinkButton>
                        <LinkButton href="/my/api-keys" kind=ButtonKind::Primary icon=Icon::Key>
                            "Go to API keys"
                        </LinkButton>
                    }
                }
            >
                <p>"In the terminal, stop the command with Ctrl C. Create a key here; beside it stand the commands to paste."</p>
            </Desk>
        </Loaded>
    }
    .into_any()
}
