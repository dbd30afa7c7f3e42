//! The page: head, facts, what went wrong or is waited for, and the tabs.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    id::FlowRunId,
    live::{News, Topic, TopicOf},
    screen::{RunScreen, RunView, StateLine},
    state::StateType,
};
use ui::prelude::*;

use super::{
    facts::RunFacts,
    logs::Logs,
    news::Shown,
    server::read_run,
    states::{GettingReady, States},
    tasks::TaskRuns,
    trouble::FirstTrouble,
    view::{TabOf, query, read_view},
};
use crate::{
    error::Error,
    layout::Here,
    links::{Place, use_id},
    live,
    loaded::{Failed, resource},
};

/// The page.
#[component]
pub fn RunPage() -> impl IntoView {
    let here = Here::expect();
    let place = here.place();
    let id = use_id::<FlowRunId>("flow_run");
    let asked = use_query_map();
    let tab = Memo::new(move |_| asked.with(TabOf::read));
    let view = Memo::new(move |_| asked.with(read_view));
    let run =
        resource(move || (id.get(), view.get()), move |(id, view)| async move { read_run(place, id?, view).await });
    let again = Callback::new(move |()| run.refetch());
    let mut crumbs = here.crumbs();
    crumbs.push(Crumb::link("Flow runs", place.runs()));
    let (waiting, crumbs) = (crumbs.clone(), StoredValue::new(crumbs));
    view! {
        <Transition fallback=move || {
            without_run(waiting.clone(), view! { <SkeletonText lines=6 /> }.into_any())
        }>
            {move || Suspend::new(async move {
                let crumbs = crumbs.get_value();
                match run.await {
                    Ok(screen) => view! { <Run screen crumbs place tab view=view.get_untracked() again /> }.into_any(),
                    // It takes the whole page.
                    Err(error @ Error::NotFound) => view! { <Failed error what="this run" whole=true /> }.into_any(),
                    Err(error) => without_run(crumbs, view! { <Failed error what="this run" /> }.into_any()),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// The page while there is no run to show, and why.
fn without_run(mut crumbs: Vec<Crumb>, why: AnyView) -> AnyView {
    crumbs.push(Crumb::here("Flow run"));
    view! {
        <Title text="Flow run" />
        <TopBar crumbs help="/help" />
        <Page>
            <PageHead title="Flow run" />
            {why}
        </Page>
    }
    .into_any()
}

/// The run that was found, as it goes on changing.
#[component]
fn Run(
    screen: RunScreen,
    /// What leads here.
    crumbs: Vec<Crumb>,
    place: Place,
    tab: Memo<TabOf>,
    view: RunView,
    /// Reads the run afresh.
    again: Callback<()>,
) -> impl IntoView {
    let (id, name, flow, mark) = (screen.head.id, screen.head.name.clone(), screen.head.flow.clone(), screen.mark);
    let shown = Shown::new(screen);
    let liveness = RwSignal::new(Liveness::Paused);
    let of = TopicOf::Run { flow_run: id, level: view.level, lines: shown.at_end };
    live::follow(
        Topic { account: place.account, workspace: place.workspace, of },
        mark,
        liveness,
        move |news| {
            if let News::Run(news) = news {
                shown.apply(*news);
            }
        },
        move || again.run(()),
    );
    let crumbs = [crumbs, vec![Crumb::here(name.clone())]].concat();
    let badge = move || {
        shown.head.with(|head| head.state.clone()).map(|state| {
            let StateLine { state_type, name, .. } = state;
            view! { <StateBadge state_type name big=true /> }
        })
    };
    view! {
        <Title text=format!("{flow} / {name}") />
        <TopBar crumbs live=liveness help="/help" />
        <Page>
            <PageHead title=name of=flow beside=badge />
            <ZoneNote />
            <RunFacts head=shown.head place />
            <FirstTrouble shown place view />
            <GettingReady shown />
            <div>
                <RunTabs shown place tab view />
                {move || match tab.get() {
                    TabOf::Logs => view! { <Logs shown place view /> }.into_any(),
                    TabOf::TaskRuns => view! { <TaskRuns shown place view again /> }.into_any(),
                    TabOf::States => view! { <States shown /> }.into_any(),
                    TabOf::Parameters => view! { <Parameters shown /> }.into_any(),
                }}
            </div>
        </Page>
    }
    .into_any()
}

#[component]
fn RunTabs(shown: Shown, place: Place, tab: Memo<TabOf>, view: RunView) -> impl IntoView {
    let page = place.flow_run(shown.head.with_untracked(|head| head.id));
    let states = Signal::derive(move || shown.states.with(|states| states.len() as u64));
    let tabs = TabOf::ALL.map(|of| {
        let href = format!("{page}{}", query(of, view));
        let drawn = match of {
            TabOf::Logs => Tab::new(href, "Logs", Icon::Prompt).count(shown.lines_total),
            TabOf::TaskRuns => Tab::new(href, "Task runs", Icon::Check).count(shown.tasks_total),
            TabOf::Parameters => Tab::new(href, "Parameters", Icon::Variable),
            TabOf::States => Tab::new(href, "States", Icon::Clock).count(states),
        };
        drawn.current(Signal::derive(move || tab.get() == of))
    });
    view! { <Tabs label="Parts of the run" tabs=tabs.into() within=true /> }.into_any()
}

/// Lines of JSON beyond this are left out: nobody reads them here, and each is a row of the page.
const MOST_JSON_LINES: usize = 2_000;

#[component]
fn Parameters(shown: Shown) -> impl IntoView {
    let parameters = Memo::new(move |_| shown.head.with(|head| head.parameters.clone()));
    move || match parameters.get() {
        Some(text) => {
            let lines = text.lines().count();
            let cut = text.lines().take(MOST_JSON_LINES).collect::<Vec<_>>().join("\n");
            let rest = (lines > MOST_JSON_LINES)
                .then(|| format!("{} more lines. Copy takes all of them.", grouped((lines - MOST_JSON_LINES) as u64)));
            view! {
                <div class="flex tools">
                    <span class="grow small t3">{rest}</span>
                    <CopyButton text=text what="the parameters" look=CopyLook::Ghost />
                </div>
                <section class="card">
                    <JsonCode label="Parameters" text=cut />
                </section>
            }
            .into_any()
        }
        None => view! {
            <Empty title="No parameters" icon=Icon::Variable>
                "The flow was called without any."
            </Empty>
        }
        .into_any(),
    }
}

/// Whether the run has not begun to work.
pub fn is_to_come(state: Option<&StateLine>) -> bool {
    state.is_none_or(|state| matches!(state.state_type, StateType::Scheduled | StateType::Pending))
}
