//! The page: steps left, and right what came of them, drawn on the rule.

use leptos::prelude::*;
use leptos_meta::Title;
use model::{
    live::{News, Topic, TopicOf},
    screen::{FirstRunProgress, FirstRunScreen, RunLine, RunRow},
};
use ui::prelude::*;

use super::{server::read_first_run, steps::Steps};
use crate::{
    layout::{Frame, Here},
    links::Place,
    live,
    loaded::{Loaded, resource},
};

/// The page.
#[component]
pub fn FirstRunPage() -> impl IntoView {
    let place = Here::expect().place();
    let first_run = resource(|| (), move |()| read_first_run(place));
    let again = Callback::new(move |()| first_run.refetch());
    view! {
        <Title text="First run" />
        <Loaded data=first_run what="the first run" whole=true let(screen)>
            <FirstRunOf screen place again />
        </Loaded>
    }
    .into_any()
}

#[component]
fn FirstRunOf(screen: FirstRunScreen, place: Place, again: Callback<()>) -> impl IntoView {
    let liveness = RwSignal::new(Liveness::Paused);
    let progress = RwSignal::new(screen.progress);
    live::follow(
        Topic { account: place.account, workspace: place.workspace, of: TopicOf::FirstRun },
        screen.mark,
        liveness,
        move |news| {
            if let News::FirstRun(news) = news {
                progress.set(*news);
            }
        },
        move || again.run(()),
    );
    let done = Memo::new(move |_| progress.with(|progress| progress.run.is_some()));
    let mut crumbs = Here::expect().crumbs();
    crumbs.push(Crumb::here("First run"));
    view! {
        <TopBar crumbs live=liveness help="/help" />
        <Page>
            {move || if done.get() { done_head(progress, place) } else { head() }}
            <div class="two-thirds firstg" class:done=move || done.get()>
                <section class="card roomy">
                    <Steps progress />
                    {move || if done.get() { nexts(place) } else { listening(screen.now, progress) }}
                </section>
                <section class="card firstpic">
                    <Picture progress place />
                </section>
            </div>
        </Page>
    }
    .into_any()
}

fn head() -> AnyView {
    view! { <PageHead title="Now the first run" sub="Three steps in a shell lead to a run on this page." /> }.into_any()
}

fn done_head(progress: RwSignal<FirstRunProgress>, place: Place) -> AnyView {
    let run = Memo::new(move |_| progress.with(|progress| progress.run.as_ref().map(|run| run.id)));
    let open = move || run.get().map_or_else(|| place.runs(), |run| place.flow_run(run));
    view! {
        <PageHead title="Your first run is here" sub="From now on every run is here while it works.">
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

fn listening(since: model::time::Timestamp, progress: RwSignal<FirstRunProgress>) -> AnyView {
    let clock = expect_context::<Signal<Clock>>();
    let said = Signal::derive(move || {
        let waits = if progress.with(|progress| progress.called.is_none()) {
            "No call from a client yet"
        } else {
            "A client is there. No run yet"
        };
        Some(format!("Listening since {}. {waits}", time_of_day(since, clock.get().zone)))
    });
    view! {
        <div class="ft">
            <Awaited>
                <LiveDot state=Liveness::Waiting text=said />
            </Awaited>
            <span class="grow"></span>
            <a class="btn ghost hide-s" href="/help">
                "Doesn’t connect?"
            </a>
        </div>
    }
    .into_any()
}

fn nexts(place: Place) -> AnyView {
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
        let text = "Servers and CI sign in with a key of their own";
        next("/my/api-keys".to_owned(), Icon::Key, "Give a machine its key", text)
    });
    view! {
        <div class="nexts">
            <h2>"What next"</h2>
            {next(place.runs(), Icon::Runs, "See all runs", "They arrive while they work, newest first")}
            {keys}
        </div>
    }
    .into_any()
}

/// The first run on the rule, or the place where it will stand.
#[component]
fn Picture(progress: RwSignal<FirstRunProgress>, place: Place) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let at = Signal::derive(move || time_of_day(clock.get().now, clock.get().zone));
    let title = move || match progress.with(|progress| progress.runs) {
        0 => "No runs yet".to_owned(),
        runs => counted(runs, "run", "runs"),
    };
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
            {move || view! { <NowChart at run=progress.with(|progress| progress.run.as_ref().and_then(|run| drawn(run, clock))) /> }}
        </div>
        {move || match progress.get() {
            FirstRunProgress { run: Some(run), line, .. } => arrived(run, line, place, clock),
            _ => view! {
                <p class="t2 ui">"Left of now stands what has run, right of it what is planned. Both are empty, which won’t last."</p>
            }
            .into_any(),
        }}
    }
    .into_any()
}

fn drawn(run: &RunRow, clock: Signal<Clock>) -> Option<FirstRun> {
    let (state_type, state_name) = run.state.clone()?;
    Some(FirstRun { state_type, state_name, took: took(run, clock) })
}

fn took(run: &RunRow, clock: Signal<Clock>) -> String {
    match (run.started, run.ended) {
        (Some(started), Some(ended)) => duration(ended.since(started)),
        (Some(started), None) => so_far(clock.get().now.since(started)),
        (None, _) => "not started".to_owned(),
    }
}

fn arrived(run: RunRow, line: Option<RunLine>, place: Place, clock: Signal<Clock>) -> AnyView {
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
        <a class="row two fresh" href=place.flow_run(run.id)>
            <StateGlyph state_type name=state.clone() />
            <div class="cut">
                <div class="name cut">
                    <span class="of">{format!("{} / ", run.flow)}</span>
                    {run.name}
                </div>
                <div class="meta">
                    <StateWord state_type name=state />
                    <Since at=run.sort_time clock />
                </div>
            </div>
            <span class="mono">{took}</span>
        </a>
        {log}
    }
    .into_any()
}
