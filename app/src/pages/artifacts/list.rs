//! The page: search, filter by kind, the newest artifact of each key, and what it shows when there is none.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Form, hooks::use_query_map};
use model::{
    artifact::ArtifactKind,
    live::{Topic, TopicKind},
    screen::{ArtifactList, MAX_COUNT},
};
use ui::prelude::*;

use super::{
    card::{card, row},
    kind,
    list_query::{ArtifactListQuery, ListView},
    server::list_artifacts,
};
use crate::{
    connect::{FIRST_ARTIFACT, FIRST_ARTIFACT_FILE},
    form::search_signal,
    layout::CurrentWorkspace,
    links::{self, WorkspacePaths as _, WorkspaceRef},
    live,
    loaded::{LoadError, resource},
};

/// The server stops counting artifacts at this number.
const COUNT_LIMIT: u64 = MAX_COUNT.unsigned_abs();

/// The page.
#[component]
pub fn ArtifactsPage() -> impl IntoView {
    let current = CurrentWorkspace::expect();
    let workspace = current.workspace_ref();
    let query = use_query_map();
    let list_query = Memo::new(move |_| query.with(ArtifactListQuery::parse));
    let artifacts = resource(
        move || list_query.with(|query| (query.filter.clone(), query.skip)),
        move |(filter, skip)| list_artifacts(workspace, filter, skip),
    );
    let (liveness, status) = (RwSignal::new(Liveness::default()), ResultStatus::default());
    let reload = Callback::new(move |()| artifacts.refetch());
    let mut crumbs = current.crumbs();
    crumbs.push(Crumb::current("Artifacts"));
    view! {
        <Title text="Artifacts" />
        <TopBar crumbs live=liveness help=links::help_path() />
        <Page>
            <PageHead title="Artifacts" sub="Your runs publish artifacts. Each card shows the newest version of one key.">
                {views(list_query, workspace)}
            </PageHead>
            {search_form(list_query, workspace)}
            <ResultRegion status />
            <Transition fallback=|| {
                view! { <SkeletonRows /> }
            }>
                {move || Suspend::new(async move {
                    match artifacts.await {
                        Ok(list) => view! { <FoundArtifacts list query=list_query workspace liveness status reload /> }.into_any(),
                        Err(error) => view! { <LoadError error subject="the artifacts" /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
    .into_any()
}

/// The links to both views.
fn views(query: Memo<ArtifactListQuery>, workspace: WorkspaceRef) -> AnyView {
    let link = move |view: ListView, label: &'static str| {
        let href = move || query.with(|query| query.in_view(view).href(&workspace.artifacts_path()));
        let current = move || query.with(|query| query.view == view).then_some("true");
        view! {
            <a href=href aria-current=current>
                {label}
            </a>
        }
    };
    view! {
        <nav class="seg" aria-label="View">
            {link(ListView::Grid, "Grid")}
            {link(ListView::List, "List")}
        </nav>
    }
    .into_any()
}

/// A plain GET form of this page, which keeps the kind and the view.
fn search_form(query: Memo<ArtifactListQuery>, workspace: WorkspaceRef) -> AnyView {
    let search = Memo::new(move |_| query.with(|query| query.filter.search.clone()));
    let typed = search_signal(search);
    let hidden = move || {
        let ArtifactListQuery { filter, view, .. } = query.get();
        let kind = filter.kind.map(|kind| view! { <input type="hidden" name="type" value=kind.as_str() /> });
        let view = (view == ListView::List).then(|| view! { <input type="hidden" name="view" value="list" /> });
        view! {
            {kind}
            {view}
        }
    };
    view! {
        <search class="artsearch">
            <Form method="GET" action=workspace.artifacts_path()>
                {hidden}
                <SearchField label="Search by key, flow or description" name="search" bind=typed />
            </Form>
        </search>
    }
    .into_any()
}

/// The artifacts that match, updated while the page is open.
#[component]
fn FoundArtifacts(
    list: ArtifactList,
    query: Memo<ArtifactListQuery>,
    workspace: WorkspaceRef,
    liveness: RwSignal<Liveness>,
    status: ResultStatus,
    /// Reloads the list.
    reload: Callback<()>,
) -> impl IntoView {
    let ArtifactListQuery { filter, skip, .. } = query.get_untracked();
    let position = list.position;
    let list = RwSignal::new(list);
    live::subscribe(
        Topic { workspace, kind: TopicKind::Artifacts { filter, skip } },
        position,
        liveness,
        move |update| list.set(update),
        move || reload.run(()),
    );
    let total = Memo::new(move |_| list.with(|list| list.total));
    // The server counts all artifacts only if none match.
    let has_none = Memo::new(move |_| list.with(|list| list.total == 0 && list.unfiltered == 0));
    let result_line = move || {
        let status = (status, query.with_untracked(ArtifactListQuery::filter_query));
        view! {
            <ResultLine count=total one="artifact" many="artifacts" most=COUNT_LIMIT status>
                {kinds(query, workspace)}
            </ResultLine>
        }
    };
    view! {
        <div class="arts">
            {move || (!has_none.get()).then(result_line)}
            {cards(list, query, workspace)}
            {move || pages(&query.get(), list, workspace)}
        </div>
    }
    .into_any()
}

/// The artifacts as cards or as rows.
fn cards(list: RwSignal<ArtifactList>, query: Memo<ArtifactListQuery>, workspace: WorkspaceRef) -> AnyView {
    let clock = expect_context::<Signal<Clock>>();
    let view = Memo::new(move |_| query.with(|query| query.view));
    let is_empty = Memo::new(move |_| list.with(|list| list.cards.is_empty()));
    // Updated artifacts are rendered anew.
    let cards = move || list.with(|list| list.cards.clone());
    let content = move || match (is_empty.get(), view.get()) {
        (true, _) => view! { <NoArtifacts query=query.get_untracked() list workspace /> }.into_any(),
        (false, ListView::Grid) => view! {
            <div class="cards">
                <For each=cards key=|card| (card.head.id, card.head.updated) let(artifact)>
                    {card(artifact, workspace, clock)}
                </For>
            </div>
        }
        .into_any(),
        (false, ListView::List) => view! {
            <List label="Artifacts">
                <For each=cards key=|card| (card.head.id, card.head.updated) let(artifact)>
                    {row(artifact, workspace, clock)}
                </For>
            </List>
        }
        .into_any(),
    };
    content.into_any()
}

/// The links that filter by kind.
fn kinds(query: Memo<ArtifactListQuery>, workspace: WorkspaceRef) -> AnyView {
    let link = move |kind: Option<ArtifactKind>| {
        let href = move || query.with(|query| query.of_kind(kind).href(&workspace.artifacts_path()));
        let current = move || query.with(|query| query.filter.kind == kind).then_some("true");
        view! {
            <a href=href aria-current=current>
                {kind.map_or("All", kind::label)}
            </a>
        }
    };
    let all = std::iter::once(None).chain(ArtifactKind::ALL.map(Some));
    view! {
        <nav class="seg" aria-label="Artifact type">
            {all.map(link).collect_view()}
        </nav>
    }
    .into_any()
}

/// The links to the pages around this one, if there is more than one.
fn pages(query: &ArtifactListQuery, list: RwSignal<ArtifactList>, workspace: WorkspaceRef) -> Option<AnyView> {
    let (shown, total) = list.with(|list| (list.cards.len(), list.total));
    let href = |query: ArtifactListQuery| query.href(&workspace.artifacts_path());
    let (previous, next) = (query.previous().map(href), query.next(shown, total).map(href));
    let offset = Some(u64::from(query.skip));
    (previous.is_some() || next.is_some())
        .then(|| view! { <Pagination offset rows=shown as u64 total most=COUNT_LIMIT previous next /> }.into_any())
}

/// Shown when there are no artifacts, or none that match.
#[component]
fn NoArtifacts(query: ArtifactListQuery, list: RwSignal<ArtifactList>, workspace: WorkspaceRef) -> impl IntoView {
    let unfiltered = move || list.with(|list| list.unfiltered);
    if query.filter.is_empty() && query.skip == 0 {
        let then = || view! { <Terminal title=FIRST_ARTIFACT_FILE lines=Line::code(FIRST_ARTIFACT) /> };
        return view! {
            <Empty title="No artifacts yet" icon=Icon::Artifact then>
                "A flow can publish tables, Markdown, links, images and progress with one line of code. "
                <LiveOnly>"The newest version of each key appears here automatically."</LiveOnly>
            </Empty>
        }
        .into_any();
    }
    let title = if query.filter.is_empty() { "No artifacts on this page" } else { "No artifacts match" };
    let text = move || {
        let artifacts = counted(unfiltered(), "artifact", "artifacts");
        if query.filter.is_empty() {
            format!("That’s past the last page. The list has {artifacts}.")
        } else {
            format!("Without the search and the filter, the list has {artifacts}.")
        }
    };
    view! {
        <EmptyFilter title clear=workspace.artifacts_path()>
            {text}
        </EmptyFilter>
    }
    .into_any()
}
