//! The layouts of pages without a rail: sign-in and register, a single centered card, and error pages.

use leptos::prelude::*;

use crate::{
    art::{Art, Picture},
    badge::Logo,
    shell::PAGE_ID,
};

#[component]
fn Brand(#[prop(optional)] corner: bool) -> impl IntoView {
    view! {
        <a class="brand" class:corner=corner href="/">
            <Logo />
            <span>"Provost"</span>
        </a>
    }
}

/// The layout of sign-in and register: the form (children) left, an illustration right.
#[component]
pub fn AuthLayout(
    #[prop(into)] title: String,
    /// The sentence below the title.
    #[prop(into)]
    sub: String,
    /// The link to the other form (register or sign-in), below this one.
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
                    <p>"Provost tracks every flow you run, tells you which runs are late or failed, and shows you why."</p>
                </div>
                <Picture art=Art::Street />
            </aside>
        </div>
    }
}

/// A page with one centered card: a question or a message, and its actions.
#[component]
pub fn CenteredCard(
    #[prop(into)] title: String,
    #[prop(optional, into)] sub: ViewFnOnce,
    #[prop(optional, into)] foot: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="centered-card">
            <header>
                <Brand />
            </header>
            <main>
                <div class="card">
                    <div class="say">
                        <h1>{title}</h1>
                        <p class="t2">{sub.run()}</p>
                    </div>
                    <div class="bd">{children()}</div>
                    {foot.map(|foot| view! { <div class="ft">{foot.run()}</div> })}
                </div>
            </main>
        </div>
    }
}

/// Not found or server error: a picture, what happened, links (children), and what to quote. It hides the rail and the dock.
#[component]
pub fn ErrorPage(
    art: Art,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// A value to copy, between the text and the links.
    #[prop(optional, into)]
    quote: ViewFnOnce,
    /// The last line, in mono: "404 /workspaces/prodcution".
    #[prop(optional, into)]
    trace: String,
    /// Whether it is rendered inside a page, whose other content it hides.
    #[prop(optional)]
    within: bool,
    children: Children,
) -> impl IntoView {
    let content = view! {
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
        return view! { <div class="error-page">{content}</div> }.into_any();
    }
    view! {
        <header>
            <Brand corner=true />
        </header>
        <main class="error-page" id=PAGE_ID tabindex="-1">
            {content}
        </main>
    }
    .into_any()
}
