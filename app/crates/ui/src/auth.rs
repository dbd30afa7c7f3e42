//! Pages without a rail: sign-in and register beside the street, one card in the middle, and the two that say something went wrong.

use leptos::prelude::*;

use crate::{
    art::{Art, Picture},
    badge::Mark,
    shell::PAGE_ID,
};

#[component]
fn Brand(#[prop(optional)] corner: bool) -> impl IntoView {
    view! {
        <a class="brand" class:corner=corner href="/">
            <Mark />
            <span>"Provost"</span>
        </a>
    }
}

/// Sign-in or register: the form (children) left, the lit street right.
#[component]
pub fn Door(
    #[prop(into)] title: String,
    /// The sentence below the title.
    #[prop(into)]
    sub: String,
    /// The way to the other door, below the form.
    #[prop(optional, into)]
    other: ViewFnOnce,
    /// Small print at the foot: links and the name of this server.
    #[prop(optional, into)]
    foot: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="auth">
            <div class="form">
                <header>
                    <Brand />
                </header>
                <main class="box">
                    <div>
                        <h1>{title}</h1>
                        <p>{sub}</p>
                    </div>
                    {children()}
                    <p class="other">{other.run()}</p>
                </main>
                <footer>{foot.run()}</footer>
            </div>
            <aside class="night" aria-label="About Provost">
                <div class="say">
                    <p class="claim">"A light outside the door," <br /> "all night."</p>
                    <p>"Provost watches every workflow you run, says which are late or broken, and shows you why."</p>
                </div>
                <Picture art=Art::Street />
            </aside>
        </div>
    }
}

/// One card in the middle of the page: what is asked or told, and its actions.
#[component]
pub fn Desk(
    #[prop(into)] title: String,
    #[prop(optional, into)] sub: String,
    #[prop(optional, into)] foot: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="consent">
            <header>
                <Brand />
            </header>
            <main>
                <div class="card">
                    <div class="say">
                        <h1>{title}</h1>
                        <p class="t2">{sub}</p>
                    </div>
                    <div class="bd">{children()}</div>
                    {foot.map(|foot| view! { <div class="ft">{foot.run()}</div> })}
                </div>
            </main>
        </div>
    }
}

/// Nothing here, or it broke: a picture, what happened, the ways on (children), and what to quote. It takes the place of the rail too.
#[component]
pub fn Lost(
    art: Art,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// Between text and actions: a value to copy.
    #[prop(optional, into)]
    quote: ViewFnOnce,
    /// The last line, in mono: "404 /workspaces/prodcution".
    #[prop(optional, into)]
    trace: String,
    /// There is a page around it, whose place it takes.
    #[prop(optional)]
    within: bool,
    children: Children,
) -> impl IntoView {
    let told = view! {
        <div>
            <Picture art />
            <h1>{title}</h1>
            <p class="t2">{text}</p>
            {quote.run()}
            <div class="acts">{children()}</div>
            <p class="trace">{trace}</p>
        </div>
    };
    if within {
        return view! { <div class="lost">{told}</div> }.into_any();
    }
    view! {
        <header>
            <Brand corner=true />
        </header>
        <main class="lost" id=PAGE_ID tabindex="-1">
            {told}
        </main>
    }
    .into_any()
}
