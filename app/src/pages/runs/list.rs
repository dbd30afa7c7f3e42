//! The page: filters, the runs, and what it shows when there are none.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    live::{Topic, TopicKind},
    screen::{RunCursor, RunFilter, RunList},
};
use ui::prelude::*;

use super::{
    filters::{Filters, filter_count, summary},
    list_query::RunListQuery,
    live_list::{COUNT_LIMIT, LiveRunList},
    planned::PlannedFold,
    rows::Rows,
    server::list_runs,
};
use crate::{
    connect::RUN_FIRST_FLOW,
    layout::CurrentWorkspace,
    links::{self, WorkspacePaths as _, WorkspaceRef},
    live,
    loaded::{LoadError, resource},
};

/// The page.
#[component]
pub fn RunsPage() -> impl IntoView {
    let current = CurrentWorkspace::expect();
    let workspace = current.workspace_ref();
    let query = use_query_map();
    let list_query = Memo::new(move |_| query.with(RunListQuery::parse));
    let runs = resource(
        move || list_query.with(|query| (query.filter.clone(), query.cursor)),
        move |(filter, cursor)| list_runs(workspace, filter, cursor),
    );
    let (liveness, status) = (RwSignal::new(Liveness::default()), ResultStatus::default());
    let reload = Callback::new(move |()| runs.refetch());
    let mut crumbs = current.crumbs();
    crumbs.push(Crumb::current("Flow runs"));
    view! {
        <Title text="Flow runs" />
        <TopBar crumbs live=liveness help=links::help_path() />
        <Page>
            <PageHead title="Flow runs" />
            <ZoneNotice />
            {move || {
                let query = list_query.get();
                // A new closure is rendered anew. A view would be patched, and its checkboxes would keep their state.
                move || view! { <Filters query=query.clone() list=workspace.runs_path() /> }
            }}
            {move || ignored_values(&list_query.get())}
            <ResultRegion status />
            <Transition fallback=|| {
                view! { <SkeletonRows /> }
            }>
                {move || Suspend::new(async move {
                    match runs.await {
                        Ok(list) => {
                            let query = list_query.get_untracked();
                            view! { <FoundRuns list query workspace liveness status reload /> }.into_any()
                        }
                        Err(error) => view! { <LoadError error subject="the runs" /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
    .into_any()
}

fn ignored_values(query: &RunListQuery) -> Option<AnyView> {
    let text = query.ignored.join(" ");
    (!text.is_empty()).then(|| view! { <Banner tone=Tone::Warn>{text}</Banner> }.into_any())
}

/// The runs that match, updated while the page is open.
#[component]
fn FoundRuns(
    list: RunList,
    query: RunListQuery,
    workspace: WorkspaceRef,
    liveness: RwSignal<Liveness>,
    status: ResultStatus,
    /// Reloads the list.
    reload: Callback<()>,
) -> impl IntoView {
    let (position, runs) = (list.position, LiveRunList::new(list));
    let (filter, cursor) = (query.filter.clone(), query.cursor);
    live::subscribe(
        Topic { workspace, kind: TopicKind::Runs { filter: filter.clone() } },
        position,
        liveness,
        move |update| runs.apply(update, cursor),
        move || reload.run(()),
    );
    live::refresh_when_stale(runs.is_short, reload);
    let is_empty = Memo::new(move |_| runs.rows.with(Vec::is_empty));
    let (is_filtered, since) = (!filter.is_empty(), filter.since);
    let status = (status, RunListQuery::first_page(&filter));
    let query = StoredValue::new(query);
    view! {
        <div>
            <ResultLine count=runs.total one="flow run" many="flow runs" most=COUNT_LIMIT status>
                <span class="hide-s">{move || if is_filtered { String::new() } else { runs.counts.with(summary) }}</span>
            </ResultLine>
            {(cursor == RunCursor::Newest).then(|| view! { <PlannedFold runs since workspace /> })}
            {move || {
                if is_empty.get() && runs.has_planned.get() && cursor == RunCursor::Newest {
                    // The line of the planned runs is unfolded.
                    ().into_any()
                } else if is_empty.get() {
                    view! { <NoRuns filter=filter.clone() cursor runs workspace /> }.into_any()
                } else {
                    view! {
                        <Rows rows=runs.rows workspace />
                        {move || query.with_value(|query| runs.pages(query, &workspace.runs_path()))}
                    }
                    .into_any()
                }
            }}
        </div>
    }
    .into_any()
}

/// Shown when there are no runs, or none that match.
#[component]
fn NoRuns(filter: RunFilter, cursor: RunCursor, runs: LiveRunList, workspace: WorkspaceRef) -> impl IntoView {
    if filter.is_empty() && cursor == RunCursor::Newest {
        let then = || view! { <CopyField value=RUN_FIRST_FLOW what="the command" /> };
        return view! {
            <Empty title="No runs yet" icon=Icon::Runs then>
                <LiveOnly>"Runs appear here as clients start them."</LiveOnly>
                " "
                <a class="link" href=workspace.first_run_path()>
                    "Connect a client and run the first flow"
                </a>
            </Empty>
        }
        .into_any();
    }
    let on = filter_count(&filter);
    let title = if on == 0 { "No runs on this page" } else { "No runs match" };
    let text = move || {
        let all = counted(runs.unfiltered(), "run", "runs");
        if on == 0 {
            return format!("That’s past the last page. The list has {all}.");
        }
        let without = if on == 1 { "it" } else { "them" };
        format!("{}. Without {without}, the list has {all}.", counted(on, "filter is on", "filters are on"))
    };
    view! {
        <EmptyFilter title clear=workspace.runs_path()>
            {text}
        </EmptyFilter>
    }
    .into_any()
}
