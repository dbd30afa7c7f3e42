//! The page: the steps on the left, the first run on the right.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    live::{Topic, TopicKind},
    screen::{FirstRunProgress, FirstRunScreen, RunLine, RunRow},
};
use ui::prelude::*;

use super::{key_step::NewKey, server::read_first_run, steps::FirstRunSteps};
use crate::{
    layout::{CurrentWorkspace, Frame},
    links::{self, WorkspacePaths as _, WorkspaceRef},
    live,
    loaded::{Loaded, resource},
};

/// The page.
#[component]
pub fn FirstRunPage() -> impl IntoView {
    let workspace = CurrentWorkspace::expect().workspace_ref();
    let first_run = resource(|| (), move |()| read_first_run(workspace));
    let reload = Callback::new(move |()| first_run.refetch());
    let new_key = NewKey::new();
    let liveness = RwSignal::new(Liveness::default());
    let mut crumbs = CurrentWorkspace::expect().crumbs();
    crumbs.push(Crumb::current("First run"));
    view! {
        <Title text="First run" />
        <LeaveQuestion
            unsaved=new_key.would_be_lost()
            title="Leave without the key?"
            text="You haven’t copied the commands with your new key. It can’t be shown again."
        />
        <TopBar crumbs live=liveness help=links::help_path() />
        <Page>
            <Loaded data=first_run subject="this page" let(screen)>
                <FirstRunContent screen workspace liveness reload new_key />
            </Loaded>
        </Page>
    }
    .into_any()
}

#[component]
fn FirstRunContent(
    screen: FirstRunScreen,
    workspace: WorkspaceRef,
    liveness: RwSignal<Liveness>,
    reload: Callback<()>,
    new_key: NewKey,
) -> impl IntoView {
    let progress = RwSignal::new(screen.progress);
    live::subscribe(
        Topic { workspace, kind: TopicKind::FirstRun },
        screen.position,
        liveness,
        move |update| progress.set(update),
        move || reload.run(()),
    );
    let done = Memo::new(move |_| progress.with(|progress| progress.run.is_some()));
    let waited = !done.get_untracked();
    view! {
        <p class="sr" role="status">
            {move || (waited && done.get()).then_some("Your first run has arrived")}
        </p>
        {move || if done.get() { done_head(progress, workspace) } else { waiting_head() }}
        <div class="two-thirds firstg" class:done=move || done.get()>
            <section class="card roomy">
                {move || (!done.get()).then(|| waiting_status(screen.now, progress))}
                <FirstRunSteps progress new_key />
                {move || done.get().then(|| next_steps(workspace))}
            </section>
            <section class="card firstpic">
                <RunPicture progress workspace />
            </section>
        </div>
    }
    .into_any()
}

fn waiting_head() -> AnyView {
    view! { <PageHead title="Run your first flow" sub="Three steps in a terminal. The run appears here." /> }.into_any()
}

fn done_head(progress: RwSignal<FirstRunProgress>, workspace: WorkspaceRef) -> AnyView {
    let run = Memo::new(move |_| progress.with(|progress| progress.run.as_ref().map(|run| run.id)));
    let open = move || run.get().map_or_else(|| workspace.runs_path(), |run| workspace.flow_run_path(run));
    view! {
        <PageHead title="Your first run has arrived" sub="Every run now appears here as it happens.">
            {move || {
                view! {
                    <LinkButton href=open() kind=ButtonKind::Primary>
                        "Open the run"
                    </LinkButton>
                }
            }}
        </PageHead>
    }
    .into_any()
}

fn waiting_status(since: model::time::Timestamp, progress: RwSignal<FirstRunProgress>) -> AnyView {
    let clock = expect_context::<Signal<Clock>>();
    let text = Signal::derive(move || {
        Some(if progress.with(|progress| progress.called.is_none()) {
            format!("Waiting since {}. No client has connected", hour_and_minute(since, clock.get().zone))
        } else {
            "Client connected. Waiting for a run".to_owned()
        })
    });
    view! {
        <div class="waits">
            <LiveOnly>
                <LiveDot state=Liveness::Waiting text />
            </LiveOnly>
            <span class="grow"></span>
            <a class="btn ghost hide-s" href=links::help_path()>
                "Can’t connect?"
            </a>
        </div>
    }
    .into_any()
}

fn next_steps(workspace: WorkspaceRef) -> AnyView {
    let next = |href: String, icon, title: &'static str, text: &'static str| {
        view! {
            <a href=href>
                <span class="prov">
                    <Glyph icon />
                </span>
                <span>
                    <b>{title}</b>
                    <small>{text}</small>
                </span>
                <Glyph icon=Icon::Right />
            </a>
        }
    };
    let keys = (!expect_context::<Frame>().local).then(|| {
        let text = "Servers and CI sign in with their own keys";
        next(links::api_keys_path().to_owned(), Icon::Key, "Create a key for a machine", text)
    });
    view! {
        <div class="nexts">
            <h2>"What’s next"</h2>
            {next(workspace.runs_path(), Icon::Runs, "See all runs", "Live, newest first")}
            {keys}
        </div>
    }
    .into_any()
}

/// The chart and the row of the first run, or an empty chart before it.
#[component]
fn RunPicture(progress: RwSignal<FirstRunProgress>, workspace: WorkspaceRef) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let at = Signal::derive(move || time_of_day(clock.get().now, clock.get().zone));
    let title = move || progress.with(|progress| count_of_runs(progress.runs, progress.planned));
    let state = Signal::derive(move || {
        if progress.with(|progress| progress.run.is_some()) { Liveness::Live } else { Liveness::Waiting }
    });
    view! {
        <div class="hd">
            <h2>{title}</h2>
            <span class="end">
                <LiveDot state />
            </span>
        </div>
        <div class="bd">
            {move || view! { <NowChart at run=progress.with(|progress| progress.run.as_ref().and_then(|run| chart_run(run, clock))) /> }}
        </div>
        {move || match progress.get() {
            FirstRunProgress { run: Some(run), line, .. } => first_run_row(run, line, workspace, clock),
            _ => view! {
                <p class="t2 ui">"Past runs appear left of now, planned runs right of it."</p>
            }
            .into_any(),
        }}
    }
    .into_any()
}

/// The runs that have begun, and those that are planned.
fn count_of_runs(runs: u64, planned: u64) -> String {
    let begun = match runs {
        0 => "No runs yet".to_owned(),
        runs => counted(runs, "run", "runs"),
    };
    match planned {
        0 => begun,
        planned => format!("{begun}, {} planned", grouped(planned)),
    }
}

fn chart_run(run: &RunRow, clock: Signal<Clock>) -> Option<FirstRun> {
    let (state_type, state_name) = run.state.clone()?;
    Some(FirstRun { state_type, state_name, took: took(run, clock) })
}

fn took(run: &RunRow, clock: Signal<Clock>) -> String {
    match (run.started, run.ended) {
        (Some(started), Some(ended)) => duration(ended.since(started)),
        (Some(started), None) => running_duration(clock.get().now.since(started)),
        (None, _) => "not started".to_owned(),
    }
}

fn first_run_row(run: RunRow, line: Option<RunLine>, workspace: WorkspaceRef, clock: Signal<Clock>) -> AnyView {
    let (state_type, state) =
        run.state.clone().unwrap_or((model::state::StateType::Pending, "No state yet".to_owned()));
    let took = {
        let run = run.clone();
        move || took(&run, clock)
    };
    let log = line.map(|RunLine { id, level, at, message, .. }| {
        let line = LogLine { id, level, at, message, who: None };
        let zone = Signal::derive(move || clock.get().zone);
        view! {
            <div class="log mini1">
                <LogRow line zone />
            </div>
        }
    });
    view! {
        <a class="row two fresh" href=workspace.flow_run_path(run.id)>
            <StateGlyph state_type name=state.clone() />
            <div class="cut">
                <div class="name cut">
                    <span class="of">{format!("{} / ", run.flow)}</span>
                    {run.name}
                </div>
                <div class="meta">
                    <StateWord state_type name=state />
                    <PastTime at=run.sort_time clock />
                </div>
            </div>
            <span class="mono">{took}</span>
        </a>
        {log}
    }
    .into_any()
}
