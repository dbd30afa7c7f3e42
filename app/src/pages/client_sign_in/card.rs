//! The card in the middle of the page, below who is signed in.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::prelude::*;

use super::server::PageOwner;
use crate::links;

/// The card. A person who is somebody else signs out, and returns to this page after signing in.
#[component]
pub fn OwnedCard(
    owner: PageOwner,
    title: &'static str,
    art: Art,
    #[prop(into)] sub: ViewFnOnce,
    #[prop(into)] foot: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    let here = links::current_path();
    let PageOwner { person, local } = owner;
    let end = move || {
        let sign_out = (!local).then(|| {
            view! {
                <form method="POST" action="/ui/sign-out">
                    <input type="hidden" name="to" value=here />
                    <Button kind=ButtonKind::Ghost size=ButtonSize::Small submit=true>
                        "Not you?"
                    </Button>
                </form>
            }
        });
        view! {
            <Avatar name=person.name.clone() />
            <span class="small t2 hide-s">{person.name}</span>
            {sign_out}
        }
    };
    view! {
        <Title text=title />
        <CenteredCard title sub art end external=true foot>
            {children()}
        </CenteredCard>
    }
    .into_any()
}

/// A link that leaves the page, in the look of a button.
#[component]
pub fn ExitLink(href: &'static str, children: Children) -> impl IntoView {
    view! {
        <span class="grow"></span>
        <a class="btn" href=href rel="external">
            {children()}
        </a>
    }
}

/// The command that the client's user runs.
#[component]
pub fn LoginCommand() -> impl IntoView {
    view! { <code>"prefect cloud login"</code> }
}
