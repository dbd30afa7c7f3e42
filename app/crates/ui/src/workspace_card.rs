//! The card of a workspace in the list of workspaces.

use leptos::prelude::*;

use crate::{
    badge::Tile,
    history_chart::{DayRuns, HistoryChart},
    icon::{Glyph, Icon},
    number::short,
};

/// The contents of a workspace's card.
#[derive(Clone, PartialEq, Debug)]
pub struct WorkspaceSummary {
    pub account: String,
    pub name: String,
    pub description: Option<String>,
    /// The link to its start page.
    pub href: String,
    /// The link to its settings; `None` if the person may not change them.
    pub edit: Option<String>,
    /// Thirty days, oldest first.
    pub days: Vec<DayRuns>,
    pub flow_runs: u64,
    pub task_runs: u64,
}

/// The card. `star` is the form that stars or unstars the workspace.
#[component]
pub fn WorkspaceCard(workspace: WorkspaceSummary, #[prop(optional, into)] star: ViewFnOnce) -> impl IntoView {
    let WorkspaceSummary { account, name, description, href, edit, days, flow_runs, task_runs } = workspace;
    let has_run = flow_runs > 0 || days.iter().any(|day| *day != DayRuns::default());
    let edit = edit.map(|href| {
        view! {
            <a class="btn ghost sm end" href=href aria-label=format!("Edit {name}")>
                <Glyph icon=Icon::Pen />
                "Edit"
            </a>
        }
    });
    let (history, counts) = if has_run {
        let counts = view! {
            <Count icon=Icon::Runs what="Flow runs" count=flow_runs />
            <Count icon=Icon::Check what="Task runs" count=task_runs />
            <span class="t3">"in 30 days"</span>
        };
        (view! { <HistoryChart days /> }.into_any(), counts.into_any())
    } else {
        let connect = view! { <span class="t3">"Connect a client to see its runs here"</span> };
        (view! { <div class="no-runs">"No runs yet"</div> }.into_any(), connect.into_any())
    };
    view! {
        <article class="card ws">
            <div class="top2">
                <Tile name=name.clone() large=true />
                <div class="grow">
                    <h2 class="title cut">
                        {format!("{account} / ")} <a class="name" href=href>
                            {name}
                        </a>
                    </h2>
                    {description.map(|description| view! { <p class="about cut">{description}</p> })}
                </div>
                {star.run()}
            </div>
            {history}
            <div class="counts">{counts} {edit}</div>
        </article>
    }
}

#[component]
fn Count(icon: Icon, what: &'static str, count: u64) -> impl IntoView {
    view! {
        <span title=what>
            <Glyph icon />
            <span class="sr">{what}</span>
            <b>{short(count)}</b>
        </span>
    }
}
