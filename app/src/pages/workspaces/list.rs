//! The list of workspaces, and what it shows while there is none.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Form, hooks::use_query_map};
use model::{id::WorkspaceId, workspace::WorkspaceCard as Workspace};
use ui::prelude::*;

use super::server::{StarWorkspace, Starred, list_workspaces};
use crate::{
    form::{FormErrorBanner, FormState, search_signal},
    links::{self, WorkspacePaths as _, WorkspaceRef},
    loaded::{Loaded, resource},
};

/// The list has a search field if there are at least so many workspaces.
const SEARCH_MIN: usize = 4;

/// The page.
#[component]
pub fn WorkspacesPage() -> impl IntoView {
    let star = ServerAction::<StarWorkspace>::new();
    let stars = Stars::new(star);
    let workspaces = resource(|| (), |()| list_workspaces());
    view! {
        <Title text="Workspaces" />
        <TopBar crumbs=vec![Crumb::current("Workspaces")] help=links::help_path() />
        <Page>
            <FormErrorBanner form=stars.form />
            <Loaded data=workspaces subject="workspaces" let(workspaces)>
                {if workspaces.is_empty() {
                    view! { <NoWorkspaces /> }.into_any()
                } else {
                    view! { <WorkspaceList workspaces stars /> }.into_any()
                }}
            </Loaded>
        </Page>
    }
    .into_any()
}

/// The stars that were set or removed on this page. The cards keep their places, so that the focus stays on the button that was pressed;
/// the next load sorts the starred ones first.
#[derive(Clone, Copy)]
struct Stars {
    action: ServerAction<StarWorkspace>,
    form: FormState,
    changed: RwSignal<Vec<Starred>>,
}

impl Stars {
    fn new(action: ServerAction<StarWorkspace>) -> Self {
        let changed = RwSignal::new(Vec::<Starred>::new());
        Effect::new(move |_| {
            if let Some(Ok(Ok(star))) = action.value().get() {
                changed.update(|changed| {
                    changed.retain(|known| known.workspace != star.workspace);
                    changed.push(star);
                });
            }
        });
        Self { action, form: FormState::of(action), changed }
    }

    /// Shows a toast after each change of a star.
    fn announce(self, workspaces: &[Workspace]) {
        let toasts = expect_context::<Toasts>();
        let names: Vec<_> = workspaces.iter().map(|card| (card.workspace.id, card.workspace.name.clone())).collect();
        Effect::new(move |is_later: Option<()>| {
            // The first run is when the list is mounted: what it finds has been announced.
            if let (Some(Ok(Ok(star))), Some(())) = (self.action.value().get(), is_later)
                && let Some((_, name)) = names.iter().find(|(id, _)| *id == star.workspace)
            {
                toasts.show(format!("{} {name}", if star.on { "Starred" } else { "Unstarred" }));
            }
        });
    }

    /// Whether a workspace has a star; `initial` is what it had when the list was loaded.
    fn is_starred(self, workspace: WorkspaceId, initial: bool) -> Signal<bool> {
        Signal::derive(move || {
            self.changed.with(|changed| {
                changed.iter().find(|known| known.workspace == workspace).map_or(initial, |known| known.on)
            })
        })
    }
}

#[component]
fn WorkspaceList(workspaces: Vec<Workspace>, stars: Stars) -> impl IntoView {
    stars.announce(&workspaces);
    let query = use_query_map();
    let search = Memo::new(move |_| query.with(|query| query.get("search")).unwrap_or_default());
    let typed = search_signal(search);
    let all = workspaces.len();
    let search_form = (all >= SEARCH_MIN || !typed.read_untracked().is_empty()).then(|| {
        view! {
            <Form method="GET" action="">
                <SearchField label="Find a workspace" name="search" bind=typed />
            </Form>
        }
    });
    let found = Memo::new(move |_| {
        let term = search.with(|search| search.trim().to_lowercase());
        workspaces.iter().filter(|workspace| matches(workspace, &term)).cloned().collect::<Vec<_>>()
    });
    let no_match = move || {
        found.with(Vec::is_empty).then(|| {
            view! {
                <EmptyFilter title="No workspaces match" clear=links::workspaces_path()>
                    {format!("Without the search, the list has {}.", counted(all as u64, "workspace", "workspaces"))}
                </EmptyFilter>
            }
        })
    };
    view! {
        <PageHead title="Workspaces">
            <LinkButton href=links::new_workspace_path() kind=ButtonKind::Primary icon=Icon::Plus>
                "Create workspace"
            </LinkButton>
        </PageHead>
        <div class="flex">
            {search_form}
            <span class="end small t3">
                {move || counted(found.with(Vec::len) as u64, "workspace", "workspaces")}
            </span>
        </div>
        {no_match}
        <div class="halves">
            <For each=move || found.get() key=|card| card.workspace.id let(workspace)>
                <WorkspaceItem workspace stars />
            </For>
        </div>
    }
}

fn matches(card: &Workspace, term: &str) -> bool {
    let Workspace { account, workspace, .. } = card;
    let texts =
        [&account.name, account.handle.as_str(), &workspace.name, workspace.handle.as_str(), &workspace.description];
    texts.iter().any(|text| text.to_lowercase().contains(term))
}

/// A count from the database as unsigned.
fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

#[component]
fn WorkspaceItem(workspace: Workspace, stars: Stars) -> impl IntoView {
    let Workspace { account, workspace, favourite, days, flow_runs, task_runs, .. } = workspace;
    let workspace_ref = WorkspaceRef { account: account.id, workspace: workspace.id };
    let name = workspace.name.clone();
    let first_day = days.first().map(|day| day.start);
    let days = days.into_iter().map(|day| DayRuns {
        completed: count(day.completed),
        broken: count(day.broken),
        open: count(day.open),
    });
    let summary = WorkspaceSummary {
        account: account.name,
        name: workspace.name,
        description: Some(workspace.description).filter(|text| !text.is_empty()),
        href: workspace_ref.runs_path(),
        edit: Some(workspace_ref.settings_path()),
        days: days.collect(),
        first_day,
        flow_runs: count(flow_runs),
        task_runs: count(task_runs),
    };
    let on = stars.is_starred(workspace_ref.workspace, favourite);
    let star = move || {
        view! {
            <ActionForm action=stars.action>
                <input type="hidden" name="place[account]" value=workspace_ref.account.to_string() />
                <input type="hidden" name="place[workspace]" value=workspace_ref.workspace.to_string() />
                <input type="hidden" name="on" value=move || (!on.get()).to_string() />
                <StarButton name on />
            </ActionForm>
        }
    };
    view! { <WorkspaceCard workspace=summary star /> }
}

/// Shown while the person has no workspace.
#[component]
fn NoWorkspaces() -> impl IntoView {
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
                <h2>"Create a workspace to get started"</h2>
                <p>"A workspace keeps one team’s flows and runs together. You can create several."</p>
                <LinkButton href=links::new_workspace_path() kind=ButtonKind::Primary size=ButtonSize::Large icon=Icon::Plus>
                    "Create workspace"
                </LinkButton>
            </div>
            <div class="pic">
                <Picture art=Art::Rings />
                <SampleCard />
            </div>
        </section>
        <section class="card" aria-label="Three steps">
            <ol class="steps">
                {step(1, "Create a workspace", "Name it after the team or the environment, such as production.")}
                {step(2, "Connect your client", "Paste three lines. Your flows stay on your machines.")}
                {step(3, "Run a flow", "Your first run appears here while it runs, with its logs.")}
            </ol>
        </section>
    }
}
