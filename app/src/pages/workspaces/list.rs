//! The list of workspaces, and what stands there before there is one.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Form, hooks::use_query_map};
use model::{id::WorkspaceId, workspace::WorkspaceCard as Workspace};
use ui::prelude::*;

use super::server::{StarWorkspace, Starred, list_workspaces};
use crate::{
    form::{LastTry, WholeComplaint, searched},
    links::Place,
    loaded::{Loaded, resource},
};

/// From how many workspaces on there is a search.
const MANY: usize = 4;

/// The page.
#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let star = ServerAction::<StarWorkspace>::new();
    let stars = Stars::of(star);
    let workspaces = resource(|| (), |()| list_workspaces());
    view! {
        <Title text="Workspaces" />
        <TopBar crumbs=vec![Crumb::here("Workspaces")] help="/help" />
        <Page>
            <WholeComplaint of=stars.last />
            <Loaded data=workspaces what="workspaces" let(workspaces)>
                {if workspaces.is_empty() {
                    view! { <FirstVisit /> }.into_any()
                } else {
                    view! { <Workspaces workspaces stars /> }.into_any()
                }}
            </Loaded>
        </Page>
    }
    .into_any()
}

/// The stars that were given or taken here. The cards stay in their places meanwhile: whoever pressed a star is still on it, and
/// the next visit begins with the starred ones.
#[derive(Clone, Copy)]
struct Stars {
    action: ServerAction<StarWorkspace>,
    last: LastTry,
    changed: RwSignal<Vec<Starred>>,
}

impl Stars {
    fn of(action: ServerAction<StarWorkspace>) -> Self {
        let changed = RwSignal::new(Vec::<Starred>::new());
        Effect::new(move |_| {
            if let Some(Ok(Ok(star))) = action.value().get() {
                changed.update(|changed| {
                    changed.retain(|known| known.workspace != star.workspace);
                    changed.push(star);
                });
            }
        });
        Self { action, last: LastTry::of(action), changed }
    }

    /// Whether a workspace has one, which had one or not when the page was made.
    fn on(self, workspace: WorkspaceId, before: bool) -> Signal<bool> {
        Signal::derive(move || {
            self.changed.with(|changed| {
                changed.iter().find(|known| known.workspace == workspace).map_or(before, |known| known.on)
            })
        })
    }
}

#[component]
fn Workspaces(workspaces: Vec<Workspace>, stars: Stars) -> impl IntoView {
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
    let found = Memo::new(move |_| {
        let wanted = search.with(|search| search.trim().to_lowercase());
        workspaces.iter().filter(|workspace| matches(workspace, &wanted)).cloned().collect::<Vec<_>>()
    });
    let none = move || {
        found.with(Vec::is_empty).then(|| {
            view! {
                <EmptyFilter title="No workspaces match" clear="/">
                    {format!("{} without the search.", counted(all as u64, "workspace", "workspaces"))}
                </EmptyFilter>
            }
        })
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
        {none}
        <div class="halves">
            <For each=move || found.get() key=|card| card.workspace.id let(workspace)>
                <OneWorkspace workspace stars />
            </For>
        </div>
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
fn OneWorkspace(workspace: Workspace, stars: Stars) -> impl IntoView {
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
    let on = stars.on(place.workspace, favourite);
    let star = move || {
        view! {
            <ActionForm action=stars.action>
                <input type="hidden" name="place[account]" value=place.account.to_string() />
                <input type="hidden" name="place[workspace]" value=place.workspace.to_string() />
                <input type="hidden" name="on" value=move || (!on.get()).to_string() />
                <StarButton name on />
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
                {step(3, "Run a flow", "The first run appears here, with its state and its log.")}
            </ol>
        </section>
    }
}
