//! The page: filters, the runs, and what stands there when there are none.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{
    live::{News, Topic, TopicOf},
    screen::{MOST_COUNTED, RunCursor, RunFilter, RunList},
};
use ui::prelude::*;

use super::{
    asked::Asked,
    filters::{Filters, filters_on, summary},
    rows::{Applied, LiveRow, Rows, apply},
    server::list_runs,
};
use crate::{
    connect::RUN_FIRST_FLOW,
    layout::Here,
    links::Place,
    live,
    loaded::{Failed, resource},
};

/// Where the count of runs stops that must be looked at to be counted.
const MOST: u64 = MOST_COUNTED.unsigned_abs();

/// The page.
#[component]
pub fn RunsPage() -> impl IntoView {
    let here = Here::expect();
    let place = here.place();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(Asked::read));
    let runs = resource(
        move || asked.with(|asked| (asked.filter.clone(), asked.cursor)),
        move |(filter, cursor)| list_runs(place, filter, cursor),
    );
    let liveness = RwSignal::new(Liveness::Paused);
    let mut crumbs = here.crumbs();
    crumbs.push(Crumb::here("Flow runs"));
    view! {
        <Title text="Flow runs" />
        <TopBar crumbs live=liveness help="/help" />
        <Page>
            <PageHead title="Flow runs" />
            <ZoneNote />
            {move || {
                let asked = asked.get();
                // A closure of its own is drawn anew, where a view would be made over: the boxes would keep what people did to them.
                move || view! { <Filters asked=asked.clone() list=place.runs() /> }
            }}
            {move || unread(&asked.get())}
            <Transition fallback=|| {
                view! { <SkeletonRows /> }
            }>
                {move || Suspend::new(async move {
                    match runs.await {
                        Ok(list) => {
                            let asked = asked.get_untracked();
                            view! { <Found list asked place liveness runs_again=Callback::new(move |()| runs.refetch()) /> }.into_any()
                        }
                        Err(error) => view! { <Failed error what="the runs" /> }.into_any(),
                    }
                })}
            </Transition>
        </Page>
    }
    .into_any()
}

fn unread(asked: &Asked) -> Option<AnyView> {
    let names = asked.unread.join(" and ");
    let said = match asked.unread.len() {
        0 if asked.twice => "From and To are left out, because a span is chosen too.".to_owned(),
        0 => return None,
        1 => format!("{names} can’t be read and is left out."),
        _ => format!("{names} can’t be read and are left out."),
    };
    Some(view! { <Banner tone=Tone::Warn>{said}</Banner> }.into_any())
}

/// The runs that were found, as they go on changing.
#[component]
fn Found(
    list: RunList,
    asked: Asked,
    place: Place,
    liveness: RwSignal<Liveness>,
    /// Reads the list afresh.
    runs_again: Callback<()>,
) -> impl IntoView {
    let (total, unfiltered) = (RwSignal::new(list.total), RwSignal::new(list.unfiltered()));
    let (older, newer) = (RwSignal::new(list.older), list.newer);
    let is_short = RwSignal::new(false);
    let counts = RwSignal::new(list.counts);
    let rows = RwSignal::new(list.rows.into_iter().map(LiveRow::read).collect::<Vec<_>>());
    let (filter, cursor) = (asked.filter.clone(), asked.cursor);
    live::follow(
        Topic { account: place.account, workspace: place.workspace, of: TopicOf::Runs { filter: filter.clone() } },
        list.mark,
        liveness,
        move |news| {
            let News::Runs(news) = news else { return };
            total.set(news.total);
            unfiltered.set(news.counts.iter().map(|(_, _, runs)| runs).sum());
            counts.set(news.counts.clone());
            let mut changed = rows.get_untracked();
            match apply(&mut changed, news, cursor, older.get_untracked()) {
                Applied::Whole => {}
                Applied::Overflowed => older.set(true),
                Applied::Short => is_short.set(true),
            }
            rows.set(changed);
        },
        move || runs_again.run(()),
    );
    Effect::new(move |_| {
        if !is_short.get() {
            return;
        }
        if let Ok(soon) = set_timeout_with_handle(move || runs_again.run(()), live::BREATH) {
            on_cleanup(move || soon.clear());
        }
    });
    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));
    let is_filtered = !filter.is_empty();
    let pages = move || {
        let (first, last, shown) = rows.with(|rows| {
            let place = |row: Option<&LiveRow>| row.map(|row| row.row.read_untracked().place());
            (place(rows.first()), place(rows.last()), rows.len())
        });
        let previous = first.filter(|_| newer).map(|row| format!("{}{}", place.runs(), asked.before(row)));
        let next = last.filter(|_| older.get()).map(|row| format!("{}{}", place.runs(), asked.after(row, shown)));
        view! { <Pagination offset=Some(asked.before) shown=shown as u64 total=total.get() most=MOST previous next /> }
    };
    let pages = StoredValue::new(pages);
    view! {
        <div>
            <ResultLine count=total one="flow run" many="flow runs" most=MOST>
                <span class="hide-s">{move || if is_filtered { String::new() } else { counts.with(summary) }}</span>
            </ResultLine>
            {move || {
                if is_empty.get() {
                    view! { <Nothing filter=filter.clone() cursor unfiltered place /> }.into_any()
                } else {
                    view! {
                        <Rows rows place />
                        {move || pages.with_value(|pages| pages())}
                    }
                    .into_any()
                }
            }}
        </div>
    }
    .into_any()
}

/// There never was a run, or the filters leave none.
#[component]
fn Nothing(filter: RunFilter, cursor: RunCursor, unfiltered: RwSignal<u64>, place: Place) -> impl IntoView {
    if filter.is_empty() && cursor == RunCursor::Newest {
        let then = || view! { <CopyField value=RUN_FIRST_FLOW what="the command" /> };
        return view! {
            <Empty title="No runs yet" icon=Icon::Runs then>
                <Awaited>"A run appears here by itself, the moment a client starts one."</Awaited>
                " "
                <a class="link" href=place.first_run()>
                    "Connect a client and run the first flow"
                </a>
            </Empty>
        }
        .into_any();
    }
    let said = move || match filters_on(&filter) {
        0 => format!("Nothing stands beyond this place. {}.", counted(unfiltered.get(), "run in all", "runs in all")),
        on => {
            let without = if on == 1 { "it" } else { "them" };
            let on = counted(on, "filter is on", "filters are on");
            format!("{on}. {} without {without}.", counted(unfiltered.get(), "run", "runs"))
        }
    };
    view! {
        <EmptyFilter title="No runs match" clear=place.runs()>
            {said}
        </EmptyFilter>
    }
    .into_any()
}
