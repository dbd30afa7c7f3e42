//! The page that `prefect cloud login` opens in the browser. It can't send a key to the client yet, so it links to the API keys.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::prelude::*;

use crate::{
    layout::{FrameScope, frame},
    links,
    loaded::Loaded,
};

/// The page.
#[component]
pub fn ClientSignInPage() -> impl IntoView {
    let frame = frame(Signal::stored(FrameScope::SignedIn));
    view! {
        <Title text="Sign in a client" />
        <Loaded data=frame subject="this page" full_page=true let(_frame)>
            <CenteredCard
                title="Sign in with a key"
                sub=|| {
                    view! {
                        <code>"prefect cloud login"</code>
                        " is waiting for an answer. Provost can’t approve it in the browser yet."
                    }
                }
                foot=|| {
                    view! {
                        <LinkButton href=links::help_path()>"Help"</LinkButton>
                        <LinkButton href=links::api_keys_path() kind=ButtonKind::Primary icon=Icon::Key>
                            "Go to API keys"
                        </LinkButton>
                    }
                }
            >
                <p>"Press Ctrl+C in the terminal, then create a key here and paste the commands it comes with."</p>
            </CenteredCard>
        </Loaded>
    }
    .into_any()
}
