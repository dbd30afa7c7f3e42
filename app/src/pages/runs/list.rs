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
    news::Shown,
    rows::Rows,
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
pub const MOST: u64 = MOST_COUNTED.unsigned_abs();

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
    let (mark, shown) = (list.mark, Shown::new(list));
    let (filter, cursor) = (asked.filter.clone(), asked.cursor);
    live::follow(
        Topic { account: place.account, workspace: place.workspace, of: TopicOf::Runs { filter: filter.clone() } },
        mark,
        liveness,
        move |news| {
            if let News::Runs(news) = news {
                shown.apply(news, cursor);
            }
        },
        move || runs_again.run(()),
    );
    live::renew(shown.short, runs_again);
    let is_empty = Memo::new(move |_| shown.rows.with(Vec::is_empty));
    let is_filtered = !filter.is_empty();
    let asked = StoredValue::new(asked);
    view! {
        <div>
            <ResultLine count=shown.total one="flow run" many="flow runs" most=MOST>
                <span class="hide-s">{move || if is_filtered { String::new() } else { shown.counts.with(summary) }}</span>
            </ResultLine>
            {move || {
                if is_empty.get() {
                    view! { <Nothing filter=filter.clone() cursor shown place /> }.into_any()
                } else {
                    view! {
                        <Rows rows=shown.rows place />
                        {move || asked.with_value(|asked| shown.pages(asked, &place.runs()))}
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
fn Nothing(filter: RunFilter, cursor: RunCursor, shown: Shown, place: Place) -> impl IntoView {
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
        0 => format!("Nothing stands beyond this place. {}.", counted(shown.unfiltered(), "run in all", "runs in all")),
        on => {
            let without = if on == 1 { "it" } else { "them" };
            let on = counted(on, "filter is on", "filters are on");
            format!("{on}. {} without {without}.", counted(shown.unfiltered(), "run", "runs"))
        }
    };
    view! {
        <EmptyFilter title="No runs match" clear=place.runs()>
            {said}
        </EmptyFilter>
    }
    .into_any()
}
