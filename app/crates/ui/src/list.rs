//! Lists: hairline rows in one card. Those with a head, sticky and above 720 px alone, are tables.

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

/// A list; put [`Row`]s into it.
#[component]
pub fn List(
    /// What it lists, for assistive tech.
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

/// A list below a head, whose cells are `columnheader`s; put [`TableRow`]s into it. Its roles are written out: the style sheet makes
/// grids of its rows, and whoever can't see the columns is told of them all the same.
#[component]
pub fn Table(
    /// What it lists, for assistive tech.
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

/// A row of a table: its children have the role `cell`.
#[component]
pub fn TableRow(columns: Columns, children: Children) -> impl IntoView {
    view! {
        <div class=format!("row {}", columns.class()) role="row">
            {children()}
        </div>
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
