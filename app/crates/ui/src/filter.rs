//! The filter line above a list and the result line below it. What is on stands in the address, so a token's cross is a link.

use leptos::prelude::*;

use crate::{
    icon::{Glyph, Icon},
    number::{counted, grouped},
    sheet::Sheet,
};

/// A filter that is on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// "State".
    pub name: String,
    /// "failed or crashed".
    pub value: Signal<String>,
    /// The same list without it.
    pub without: String,
}

/// The filters that are on, and the sheet with the form (children) that sets them.
#[component]
pub fn FilterBar(tokens: Vec<Token>, children: Children) -> impl IntoView {
    let none = tokens.is_empty().then(|| view! { <span class="none">"No filter is on"</span> });
    let tokens = tokens
        .into_iter()
        .map(|Token { name, value, without }| {
            let label = format!("Remove the filter {name}");
            view! {
                <span class="token">
                    <span>{name}</span>
                    <b class="cut">{move || value.get()}</b>
                    <a href=without aria-label=label>
                        <Glyph icon=Icon::Cross />
                    </a>
                </span>
            }
        })
        .collect_view();
    let summary = || {
        view! {
            <Glyph icon=Icon::Filter />
            "Filters"
        }
    };
    view! {
        <search class="filter">
            <Glyph icon=Icon::Search />
            {none}
            {tokens}
            <span class="grow"></span>
            <Sheet id="filters" title="Filters" summary>
                {children()}
            </Sheet>
        </search>
    }
}

/// "1,318 flow runs", and at the right how they are sorted or what else sets them (children).
#[component]
pub fn ResultLine(
    #[prop(into)] count: Signal<u64>,
    one: &'static str,
    many: &'static str,
    /// Where the count stops.
    most: u64,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let said = move || match count.get() {
        count if count == most => format!("{}+ {many}", grouped(most - 1)),
        count => counted(count, one, many),
    };
    view! {
        <div class="bar runsbar">
            <b class="grow">{said}</b>
            {children.map(|children| children())}
        </div>
    }
}
