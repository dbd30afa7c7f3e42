//! Cards: head, body, footer.

use leptos::prelude::*;

/// The look of a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum CardLook {
    #[default]
    Plain,
    /// For forms and first steps.
    Roomy,
    /// For destructive actions.
    Danger,
}

/// A card. `end` is at the right of its title; `foot` has its actions, below a line.
#[component]
pub fn Card(
    #[prop(optional, into)] title: String,
    #[prop(optional)] look: CardLook,
    #[prop(optional, into)] end: Option<ViewFnOnce>,
    #[prop(optional, into)] foot: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    let class = match look {
        CardLook::Plain => "card",
        CardLook::Roomy => "card roomy",
        CardLook::Danger => "card danger",
    };
    let end = end.map(|end| view! { <div class="end flex">{end.run()}</div> });
    let head = (!title.is_empty() || end.is_some()).then(|| {
        view! {
            <div class="hd">
                <h2>{title}</h2>
                {end}
            </div>
        }
    });
    view! {
        <section class=class>
            {head}
            <div class="bd">{children()}</div>
            {foot.map(|foot| view! { <div class="ft">{foot.run()}</div> })}
        </section>
    }
}
