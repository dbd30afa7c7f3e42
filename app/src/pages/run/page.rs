//! The page: head, details, the failure or what the run waits for, and the tabs.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    id::FlowRunId,
    live::{Topic, TopicKind},
    screen::{RunLink, RunScreen, RunView, StateLine},
};
use ui::prelude::*;

use super::{
    detail_list::RunDetails,
    failure::RunFailure,
    live_run::LiveRun,
    logs::Logs,
    server::{read_run, read_run_link},
    states::{States, WaitingCard},
    tabs::{run_parameters, run_tasks},
    view::{RunTab, parse_view, view_query},
};
use crate::{
    error::Error,
    layout::CurrentWorkspace,
    links::{self, WorkspacePaths as _, WorkspaceRef, use_id},
    live,
    loaded::{LoadError, PageData, resource, tab_when_loaded},
};

/// The page. Its title and the status of the response depend on the names alone, so that it begins before the run is read.
#[component]
pub fn RunPage() -> impl IntoView {
    let current = CurrentWorkspace::expect();
    let workspace = current.workspace_ref();
    let id = use_id::<FlowRunId>("flow_run");
    let query = use_query_map();
    let names = resource(move || id.get(), move |id| async move { read_run_link(workspace, id?).await });
    let view = Memo::new(move |_| query.with(parse_view));
    let run =
        resource(move || (id.get(), view.get()), move |(id, view)| async move { read_run(workspace, id?, view).await });
    let mut crumbs = current.crumbs();
    crumbs.push(Crumb::link("Flow runs", workspace.runs_path()));
    let (fallback_crumbs, crumbs) = (crumbs.clone(), StoredValue::new(crumbs));
    view! {
        <Transition fallback=move || {
            without_run(fallback_crumbs.clone(), view! { <SkeletonText lines=6 /> }.into_any())
        }>
            {move || Suspend::new(async move {
                let crumbs = crumbs.get_value();
                match names.await {
                    Ok(names) => view! { <NamedRun names crumbs workspace run view /> }.into_any(),
                    // Rendered instead of the page.
                    Err(error @ Error::NotFound) => view! { <LoadError error subject="this run" full_page=true /> }.into_any(),
                    Err(error) => without_run(crumbs, view! { <LoadError error subject="this run" /> }.into_any()),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// The page while there is no run to show; `content` is a skeleton or the error.
fn without_run(mut crumbs: Vec<Crumb>, content: AnyView) -> AnyView {
    crumbs.push(Crumb::current("Flow run"));
    view! {
        <Title text="Flow run" />
        <TopBar crumbs help=links::help_path() />
        <Page>
            <PageHead title="Flow run" />
            {content}
        </Page>
    }
    .into_any()
}

/// The page once the run's names are known, and the run in it once it is read.
#[component]
fn NamedRun(
    names: RunLink,
    /// The breadcrumb up to the run.
    crumbs: Vec<Crumb>,
    workspace: WorkspaceRef,
    run: PageData<RunScreen>,
    view: Memo<RunView>,
) -> impl IntoView {
    let RunLink { id, flow, name } = names;
    let reload = Callback::new(move |()| run.refetch());
    let tab = {
        let query = use_query_map();
        Memo::new(move |_| query.with(RunTab::parse))
    };
    let liveness = RwSignal::new(Liveness::default());
    let head = StoredValue::new((flow.clone(), name.clone()));
    let unread = move |content: AnyView| {
        let (flow, name) = head.get_value();
        view! {
            <PageHead title=name parent=flow />
            {content}
        }
    };
    view! {
        <Title text=format!("{flow} / {name}") />
        <TopBar crumbs=[crumbs, vec![Crumb::current(name)]].concat() live=liveness help=links::help_path() />
        <Page>
            <Transition fallback=move || unread(view! { <SkeletonText lines=6 /> }.into_any())>
                {move || Suspend::new(async move {
                    match run.await {
                        // Of the run whose page was open before, or comes next.
                        Ok(screen) if screen.head.id != id => unread(view! { <SkeletonText lines=6 /> }.into_any()).into_any(),
                        Ok(screen) => {
                            view! { <LoadedRun screen workspace tab view=view.get_untracked() liveness reload /> }.into_any()
                        }
                        Err(error) => unread(view! { <LoadError error subject="this run" /> }.into_any()).into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
    .into_any()
}

/// The run, updated while the page is open.
#[component]
fn LoadedRun(
    screen: RunScreen,
    workspace: WorkspaceRef,
    tab: Memo<RunTab>,
    view: RunView,
    liveness: RwSignal<Liveness>,
    /// Reloads the run.
    reload: Callback<()>,
) -> impl IntoView {
    let (id, name, flow, position) =
        (screen.head.id, screen.head.name.clone(), screen.head.flow.clone(), screen.position);
    let run = LiveRun::new(screen);
    let kind = TopicKind::Run { flow_run: id, level: view.level, lines: run.at_end };
    live::subscribe(
        Topic { workspace, kind },
        position,
        liveness,
        move |update| run.apply(update),
        move || reload.run(()),
    );
    let badge = move || {
        run.head.with(|head| head.state.clone()).map(|state| {
            let StateLine { state_type, name, .. } = state;
            view! { <StateBadge state_type name big=true /> }
        })
    };
    view! {
        <PageHead title=name parent=flow badge />
        <ZoneNotice />
        <RunDetails run workspace view />
        <RunFailure run workspace view />
        <WaitingCard run />
        <div>
            <RunTabs run workspace tab view />
            {move || match tab.get() {
                RunTab::Logs => view! { <Logs run workspace view /> }.into_any(),
                RunTab::TaskRuns => tab_when_loaded(Box::pin(run_tasks(run, workspace, view, reload))),
                RunTab::Parameters => tab_when_loaded(Box::pin(run_parameters(run))),
                RunTab::States => view! { <States run /> }.into_any(),
            }}
        </div>
    }
    .into_any()
}

#[component]
fn RunTabs(run: LiveRun, workspace: WorkspaceRef, tab: Memo<RunTab>, view: RunView) -> impl IntoView {
    let page = workspace.flow_run_path(run.head.with_untracked(|head| head.id));
    let states = Signal::derive(move || run.states.with(|states| states.len() as u64));
    let tabs = RunTab::ALL.map(|kind| {
        let href = format!("{page}{}", view_query(kind, view));
        let item = match kind {
            RunTab::Logs => Tab::new(href, "Logs", Icon::Prompt).count(run.lines_total),
            RunTab::TaskRuns => Tab::new(href, "Task runs", Icon::Check).count(run.tasks_total),
            RunTab::Parameters => Tab::new(href, "Parameters", Icon::Variable),
            RunTab::States => Tab::new(href, "States", Icon::Clock).count(states),
        };
        item.current(Signal::derive(move || tab.get() == kind))
    });
    view! { <Tabs label="Run sections" tabs=tabs.into() within=true /> }.into_any()
}
