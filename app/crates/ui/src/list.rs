//! Lists: rows in one card. A list with a head, which is sticky and hidden under 720 px, is a table.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// The columns of a list's rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Columns {
    /// Glyph, name, tags, tasks, time.
    FlowRuns,
    /// Glyph, name, state, message, time.
    TaskRuns,
    /// Name, key, created, expires, last used, actions.
    ApiKeys,
    /// Tile, name, button.
    SignInMethods,
    /// Name, value, tags, changed, actions.
    Variables,
    /// Icon, key, kind, run, time.
    Artifacts,
    /// Time, data in a few words, run, mark.
    Versions,
}

impl Columns {
    /// The class of a row.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::FlowRuns => "runrow",
            Self::TaskRuns => "taskrow",
            Self::ApiKeys => "keyrow",
            Self::SignInMethods => "methodrow",
            Self::Variables => "varrow",
            Self::Artifacts => "artrow",
            Self::Versions => "verrow",
        }
    }
}

/// A list; its children are [`Row`]s.
#[component]
pub fn List(
    /// What it lists, for assistive technology.
    #[prop(into)]
    label: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="list">
            <ul aria-label=label>{children()}</ul>
        </div>
    }
}

/// A row of a list; its children are the cells. With `two` it has a second line below the name.
#[component]
pub fn Row(
    columns: Columns,
    #[prop(optional)] two: bool,
    #[prop(optional)] fresh: bool,
    /// The fragment of links to the row.
    #[prop(optional_no_strip)]
    id: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <li id=id class=format!("row {}", columns.class()) class:two=two class:is-new=fresh>
            {children()}
        </li>
    }
}

/// A table; `head` has cells with the role `columnheader`, the children are [`TableRow`]s. It sets the ARIA roles explicitly, because
/// the rows are `div`s in a CSS grid, which assistive technology would not recognize as a table.
#[component]
pub fn Table(
    /// What it lists, for assistive technology.
    #[prop(into)]
    label: String,
    columns: Columns,
    #[prop(into)] head: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="list" role="table" aria-label=label>
            <div class=format!("row th {}", columns.class()) role="row">
                {head.run()}
            </div>
            {children()}
        </div>
    }
}

/// A row of a table; its children have the role `cell`.
#[component]
pub fn TableRow(columns: Columns, children: Children) -> impl IntoView {
    view! {
        <div class=format!("row {}", columns.class()) role="row">
            {children()}
        </div>
    }
}

/// The direction in which a column is sorted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sorted {
    Up,
    Down,
}

/// A column head that sorts the table. It is a link, so that the order is part of the URL.
#[component]
pub fn SortHead(label: &'static str, #[prop(into)] href: String, sorted: Option<Sorted>) -> impl IntoView {
    let (order, icon) = match sorted {
        None => (None, Icon::UpDown),
        Some(Sorted::Up) => (Some("ascending"), Icon::Up),
        Some(Sorted::Down) => (Some("descending"), Icon::Down),
    };
    view! {
        <span role="columnheader" aria-sort=order>
            <a class="sort" class:on=sorted.is_some() href=href>
                {label}
                <Glyph icon />
            </a>
        </span>
    }
}
