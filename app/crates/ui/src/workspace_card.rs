//! The card of a workspace in the list of workspaces, and a sample of it for people who have none.

use leptos::prelude::*;
use model::time::Timestamp;

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
    /// When the first of them begins.
    pub first_day: Option<Timestamp>,
    pub flow_runs: u64,
    pub task_runs: u64,
}

/// The card. `star` is the form that stars or unstars the workspace.
#[component]
pub fn WorkspaceCard(workspace: WorkspaceSummary, #[prop(optional, into)] star: ViewFnOnce) -> impl IntoView {
    let WorkspaceSummary { account, name, description, href, edit, days, first_day, flow_runs, task_runs } = workspace;
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
        (view! { <HistoryChart days first_day /> }.into_any(), counts(flow_runs, task_runs))
    } else {
        let connect = view! { <span class="t3">"Connect a client to see its runs here"</span> };
        (view! { <div class="no-runs">"No runs yet"</div> }.into_any(), connect.into_any())
    };
    view! {
        <article class="card ws">
            <div class="top2">
                <Tile name=name.clone() large=true />
                <div class="grow">
                    // Of a long title the account is cut first.
                    <h2 class="title">
                        <span class="of">{account}</span>
                        " / "
                        <a class="name" href=href>
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

fn counts(flow_runs: u64, task_runs: u64) -> AnyView {
    view! {
        <Count icon=Icon::Runs what="Flow runs" count=flow_runs />
        <Count icon=Icon::Check what="Task runs" count=task_runs />
        <span class="t3">"last 30 days"</span>
    }
    .into_any()
}

/// The runs of each day of the sample: completed and broken.
const SAMPLE_DAYS: [(u64, u64); 30] = [
    (108, 0),
    (104, 0),
    (146, 0),
    (138, 0),
    (124, 4),
    (49, 0),
    (41, 0),
    (118, 3),
    (141, 0),
    (122, 0),
    (104, 0),
    (107, 0),
    (67, 0),
    (80, 0),
    (126, 0),
    (76, 0),
    (105, 0),
    (89, 0),
    (0, 0),
    (45, 0),
    (75, 0),
    (89, 0),
    (93, 1),
    (136, 0),
    (106, 0),
    (111, 0),
    (57, 0),
    (58, 0),
    (149, 0),
    (134, 0),
];

/// An example of a card, for the first visit: it shows what a workspace will look like. It is decorative.
#[component]
pub fn SampleCard() -> impl IntoView {
    let days = SAMPLE_DAYS.map(|(completed, broken)| DayRuns { completed, broken, open: 0 });
    view! {
        <div class="card ws" aria-hidden="true">
            <div class="top2">
                <Tile name="Orkney Foods" large=true />
                <div class="grow">
                    <p class="title">"Orkney Foods / " <b class="name">"production"</b></p>
                    <p class="about cut">"Orders, stock and the nightly books"</p>
                </div>
                <span class="ib sm star on">
                    <Glyph icon=Icon::Star />
                </span>
            </div>
            <HistoryChart days=days.to_vec() first_day=None />
            <div class="counts">{counts(4_180, 61_204)}</div>
        </div>
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
