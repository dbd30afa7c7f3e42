//! The list of workspaces, and what stands there before there is one.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Form, hooks::use_query_map};
use model::workspace::WorkspaceCard as Workspace;
use ui::prelude::*;

use super::server::{StarWorkspace, list_workspaces};
use crate::{
    form::searched,
    links::Place,
    loaded::{Loaded, resource},
};

/// From how many workspaces on there is a search.
const MANY: usize = 4;

/// The page.
#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let star = ServerAction::<StarWorkspace>::new();
    let workspaces = resource(move || star.version().get(), |_| list_workspaces());
    view! {
        <Title text="Workspaces" />
        <TopBar crumbs=vec![Crumb::here("Workspaces")] help="/help" />
        <Page>
            <Loaded data=workspaces what="workspaces" let(workspaces)>
                {if workspaces.is_empty() {
                    view! { <FirstVisit /> }.into_any()
                } else {
                    view! { <Workspaces workspaces star /> }.into_any()
                }}
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn Workspaces(workspaces: Vec<Workspace>, star: ServerAction<StarWorkspace>) -> impl IntoView {
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(|query| query.get("search")).unwrap_or_default());
    let typed = searched(search);
    let all = workspaces.len();
    let find = (all >= MANY || !typed.read_untracked().is_empty()).then(|| {
        view! {
            <Form method="GET" action="">
                <SearchField label="Find a workspace" name="search" bind=typed />
            </Form>
        }
    });
    let found = move || {
        let wanted = search.with(|search| search.trim().to_lowercase());
        let found: Vec<_> = workspaces.iter().filter(|workspace| matches(workspace, &wanted)).cloned().collect();
        if found.is_empty() {
            return view! {
                <EmptyFilter title="No workspaces match" clear="/">
                    {format!("{} without the search.", counted(all as u64, "workspace", "workspaces"))}
                </EmptyFilter>
            }
            .into_any();
        }
        let cards = found.into_iter().map(|workspace| view! { <OneWorkspace workspace star /> }).collect_view();
        view! { <div class="halves">{cards}</div> }.into_any()
    };
    view! {
        <PageHead title="Workspaces">
            <LinkButton href="/workspaces/new" kind=ButtonKind::Primary icon=Icon::Plus>
                "Create workspace"
            </LinkButton>
        </PageHead>
        <div class="flex">
            {find} <span class="end small t3">{counted(all as u64, "workspace", "workspaces")}</span>
        </div>
        {found}
    }
}

fn matches(card: &Workspace, wanted: &str) -> bool {
    let Workspace { account, workspace, .. } = card;
    let texts =
        [&account.name, account.handle.as_str(), &workspace.name, workspace.handle.as_str(), &workspace.description];
    texts.iter().any(|text| text.to_lowercase().contains(wanted))
}

/// A count that is never negative, as one.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

#[component]
fn OneWorkspace(workspace: Workspace, star: ServerAction<StarWorkspace>) -> impl IntoView {
    let Workspace { account, workspace, favourite, days, flow_runs, task_runs, .. } = workspace;
    let place = Place { account: account.id, workspace: workspace.id };
    let name = workspace.name.clone();
    let days = days.into_iter().map(|day| DayRuns {
        well: count(day.completed),
        broken: count(day.broken),
        open: count(day.open),
    });
    let summary = WorkspaceSummary {
        account: account.name,
        name: workspace.name,
        description: Some(workspace.description).filter(|text| !text.is_empty()),
        href: place.runs(),
        edit: Some(place.settings()),
        days: days.collect(),
        flow_runs: count(flow_runs),
        task_runs: count(task_runs),
    };
    let star = move || {
        view! {
            <ActionForm action=star>
                <input type="hidden" name="place[account]" value=place.account.to_string() />
                <input type="hidden" name="place[workspace]" value=place.workspace.to_string() />
                <input type="hidden" name="on" value=(!favourite).to_string() />
                <StarButton name on=favourite />
            </ActionForm>
        }
    };
    view! { <WorkspaceCard workspace=summary star /> }
}

/// Before there is a workspace.
#[component]
fn FirstVisit() -> impl IntoView {
    let step = |number: u32, title: &'static str, text: &'static str| {
        view! {
            <li>
                <span class="no">{number}</span>
                <h3>{title}</h3>
                <p class="t2 small">{text}</p>
            </li>
        }
    };
    view! {
        <PageHead title="Workspaces" />
        <section class="card hero">
            <div class="say">
                <h2>"Make a workspace to begin"</h2>
                <p>"A workspace keeps one team’s flows, runs and keys together. You can have as many as you like."</p>
                <LinkButton href="/workspaces/new" kind=ButtonKind::Primary size=ButtonSize::Large icon=Icon::Plus>
                    "Create workspace"
                </LinkButton>
            </div>
            <div class="pic">
                <Picture art=Art::Rings />
            </div>
        </section>
        <section class="card" aria-label="Three steps">
            <ol class="steps">
                {step(1, "Create a workspace", "Name it after the team or the environment, such as production.")}
                {step(2, "Connect your client", "Copy one command. Your flows stay on your own machines.")}
                {step(3, "Run a flow", "The first run appears here while it runs. Nothing to refresh.")}
            </ol>
        </section>
    }
}
