//! The filters that are on, and the form that sets them: a plain form whose answer is the list itself.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::Form;
use model::{
    screen::{RunFilter, Since, StateCounts},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::asked::{Asked, SPANS, write_moment};

/// The states that are offered, by type and name.
const STATES: [(StateType, &str); 11] = [
    (StateType::Completed, "Completed"),
    (StateType::Failed, "Failed"),
    (StateType::Crashed, "Crashed"),
    (StateType::Running, "Running"),
    (StateType::Scheduled, "Scheduled"),
    (StateType::Scheduled, "Late"),
    (StateType::Pending, "Pending"),
    (StateType::Cancelled, "Cancelled"),
    (StateType::Paused, "Paused"),
    (StateType::Cancelling, "Cancelling"),
    (StateType::Scheduled, "AwaitingRetry"),
];

/// The line above the list. `list` is the list's address without a query.
#[component]
pub fn Filters(asked: Asked, list: String) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let zone = Memo::new(move |_| clock.get().zone);
    let tokens = tokens(&asked.filter, &list, zone);
    view! {
        <FilterBar tokens>
            <FilterForm filter=asked.filter list zone />
        </FilterBar>
    }
    .into_any()
}

/// How many filters are on.
pub fn filters_on(filter: &RunFilter) -> u64 {
    u64::from(!(filter.types.is_empty() && filter.names.is_empty())) + u64::from(filter.since != Since::Ever)
}

fn tokens(filter: &RunFilter, list: &str, zone: Memo<Zone>) -> Vec<Token> {
    let states: Vec<_> = filter
        .types
        .iter()
        .map(|state_type| state_type.default_name().to_lowercase())
        .chain(filter.names.iter().map(|name| state_word(name).to_lowercase()))
        .collect();
    let without = |filter: RunFilter| format!("{list}{}", Asked::query(&filter));
    let state = (!states.is_empty()).then(|| Token {
        name: "State".to_owned(),
        value: Signal::stored(states.join(", ")),
        without: without(RunFilter { since: filter.since, ..RunFilter::default() }),
    });
    let since = filter.since;
    let started = since_word(since, Zone::Utc).map(|_| Token {
        name: "Started".to_owned(),
        value: Signal::derive(move || since_word(since, zone.get()).unwrap_or_default()),
        without: without(RunFilter { since: Since::Ever, ..filter.clone() }),
    });
    started.into_iter().chain(state).collect()
}

fn since_word(since: Since, zone: Zone) -> Option<String> {
    let day = |time| in_zone(format!("{}, {}", full_date(time, zone), hour_and_minute(time, zone)), zone);
    match since {
        Since::Ever | Since::Between(None, None) => None,
        Since::Last(seconds) => {
            let known = SPANS.into_iter().find(|(_, _, known)| *known == seconds);
            Some(known.map_or_else(|| format!("last {seconds}s"), |(_, words, _)| words.to_owned()))
        }
        Since::Between(Some(from), None) => Some(format!("from {}", day(from))),
        Since::Between(None, Some(to)) => Some(format!("until {}", day(to))),
        Since::Between(Some(from), Some(to)) => Some(format!("{} to {}", day(from), day(to))),
    }
}

/// Says that it is UTC where it is not the reader's time.
fn in_zone(text: String, zone: Zone) -> String {
    if zone == Zone::Utc { format!("{text} UTC") } else { text }
}

/// What was left empty is no part of the address, and moments, which are the reader's, stand there in UTC.
fn for_address(form: &web_sys::FormData) {
    // The button that sends the form stands in it without a name.
    for name in ["started", "from", "to", ""] {
        let text = form.get(name).as_string().unwrap_or_default();
        if text.is_empty() {
            form.delete(name);
        } else if name != "started"
            && let Some(moment) = moment_of_field(&text)
        {
            // It was there.
            let _set = form.set_with_str(name, &write_moment(moment));
        }
    }
}

#[component]
fn FilterForm(filter: RunFilter, list: String, zone: Memo<Zone>) -> impl IntoView {
    let by_state = filters_on(&RunFilter { since: Since::Ever, ..filter.clone() }) > 0;
    view! {
        <Form method="GET" action=list.clone() on_form_data=Arc::new(for_address)>
            <div class="bd stack snug">
                {card("Flow runs by start", filter.since != Since::Ever, by_start(filter.since, zone))}
                {card("Flow runs by state", by_state, states(&filter))}
            </div>
            <div class="ft">
                <LinkButton href=list kind=ButtonKind::Ghost>
                    "Clear all"
                </LinkButton>
                <span class="grow"></span>
                <Button attr:data-close="">"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true>
                    "Show runs"
                </Button>
            </div>
        </Form>
    }
    .into_any()
}

/// The card of a filter, which may be on.
fn card(title: &'static str, on: bool, fields: AnyView) -> AnyView {
    view! {
        <fieldset class="card fcard" class:on=on>
            <legend>{title}</legend>
            <div class="bd">{fields}</div>
        </fieldset>
    }
    .into_any()
}

fn by_start(since: Since, zone: Memo<Zone>) -> AnyView {
    let spans = std::iter::once(Choice::new("", "any time"))
        .chain(SPANS.into_iter().map(|(word, words, _)| Choice::new(word, words)))
        .collect();
    let (span, from, to) = match since {
        Since::Last(seconds) => {
            (SPANS.into_iter().find(|(_, _, known)| *known == seconds).map_or("", |(word, ..)| word), None, None)
        }
        Since::Between(from, to) => ("", from, to),
        Since::Ever => ("", None, None),
    };
    view! {
        <div class="stack snug">
            <SelectField label="Started" name="started" choices=spans value=span />
            <MomentField label="From" name="from" time=from zone />
            <MomentField label="To" name="to" time=to zone />
        </div>
    }
    .into_any()
}

fn states(filter: &RunFilter) -> AnyView {
    let boxes = STATES.map(|(state_type, name)| {
        let is_type = name == state_type.default_name();
        let value = if is_type { state_type.as_str().to_lowercase() } else { name.to_owned() };
        let checked =
            if is_type { filter.types.contains(&state_type) } else { filter.names.iter().any(|known| known == name) };
        let sign = move || view! { <StateGlyph state_type name /> };
        view! { <CheckField label=state_word(name) name="state" value checked sign /> }
    });
    view! { <div class="ticks">{boxes.into_iter().collect_view()}</div> }.into_any()
}

/// A field for a moment, in the reader's zone as soon as that is known.
#[component]
fn MomentField(label: &'static str, name: &'static str, time: Option<Timestamp>, zone: Memo<Zone>) -> impl IntoView {
    let text = move |zone| time.map(|time| for_field(time, zone)).unwrap_or_default();
    let bind = RwSignal::new(text(zone.get_untracked()));
    Effect::new(move |_| {
        let zone = zone.get();
        // Somebody may have typed before the scripts came.
        if bind.get_untracked() == text(Zone::Utc) {
            bind.set(text(zone));
        }
    });
    let hint = Signal::derive(move || (zone.get() == Zone::Utc).then(|| "In UTC".to_owned()));
    view! { <TextField label name kind=InputKind::Moment optional=true bind hint /> }
}

/// How many runs there are in each state, for the result line: the three that people look for.
pub fn summary(counts: &StateCounts) -> String {
    use model::state::StateType::{Crashed, Failed, Running};
    let of = |types: &[model::state::StateType]| {
        counts.iter().filter(|(state_type, ..)| types.contains(state_type)).map(|(_, _, runs)| runs).sum::<u64>()
    };
    let parts = [(of(&[Running]), "running"), (of(&[Failed, Crashed]), "failed or crashed")];
    let said: Vec<_> = parts
        .into_iter()
        .filter(|(runs, _)| *runs > 0)
        .map(|(runs, word)| format!("{} {word}", grouped(runs)))
        .collect();
    said.join(", ")
}
