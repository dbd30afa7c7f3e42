//! Lists: hairline rows in one card, a sticky head above 720 px.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// Which columns the rows of a list have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Columns {
    /// Glyph, name, tags, tasks, time.
    FlowRuns,
    /// Glyph, name, state, message, time.
    TaskRuns,
    /// Name, start of the key, created, expires, last used, actions.
    ApiKeys,
    /// Tile, name, button.
    WaysIn,
}

impl Columns {
    /// The class of such a row.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::FlowRuns => "runrow",
            Self::TaskRuns => "taskrow",
            Self::ApiKeys => "keyrow",
            Self::WaysIn => "wayrow",
        }
    }
}

/// A list; put [`Row`]s into it. `head` are the cells above them.
#[component]
pub fn List(
    /// What it lists, for assistive tech.
    #[prop(into)]
    label: String,
    columns: Columns,
    #[prop(optional, into)] head: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="list">
            {head.map(|head| view! { <div class=format!("row th {}", columns.class())>{head.run()}</div> })}
            <ul aria-label=label>{children()}</ul>
        </div>
    }
}

/// A row of a list: its cells are the children. `two` has a second line below the name.
#[component]
pub fn Row(
    columns: Columns,
    #[prop(optional)] two: bool,
    #[prop(optional)] fresh: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <li class=format!("row {}", columns.class()) class:two=two class:is-new=fresh>
            {children()}
        </li>
    }
}

/// Which way a column is sorted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sorted {
    Up,
    Down,
}

/// A column's head that sorts by it: a link, so that the order is in the address.
#[component]
pub fn SortLink(#[prop(into)] label: String, #[prop(into)] href: String, sorted: Option<Sorted>) -> impl IntoView {
    let said = match sorted {
        None => "",
        Some(Sorted::Up) => ", sorted upwards",
        Some(Sorted::Down) => ", sorted downwards",
    };
    view! {
        <span>
            <a class="sort" class:on=sorted.is_some() href=href>
                {label}
                <span class="sr">{said}</span>
                <Glyph icon=if sorted == Some(Sorted::Down) { Icon::Down } else { Icon::UpDown } />
            </a>
        </span>
    }
}
