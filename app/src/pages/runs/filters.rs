//! The active filters, and the form that sets them: a plain GET form of the list's page.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::components::Form;
use model::{
    screen::{RunFilter, Since, StateCounts},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::list_query::{RunListQuery, SPANS, STATES, format_moment};

/// The bar above the list. `list` is the list's path without a query.
#[component]
pub fn Filters(query: RunListQuery, list: String) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let zone = Memo::new(move |_| clock.get().zone);
    let filters = filter_list(&query.filter, &list, zone);
    let fields_zone = Memo::new(move |_| clock.get().zone.of_fields());
    view! {
        <FilterBar filters all="All runs">
            <FilterForm filter=query.filter list zone=fields_zone />
        </FilterBar>
    }
    .into_any()
}

/// How many filters are active.
pub fn filter_count(filter: &RunFilter) -> u64 {
    u64::from(!(filter.types.is_empty() && filter.names.is_empty())) + u64::from(filter.since != Since::Ever)
}

fn filter_list(filter: &RunFilter, list: &str, zone: Memo<Zone>) -> Vec<ActiveFilter> {
    let states: Vec<_> = filter
        .types
        .iter()
        .map(|state_type| state_type.default_name())
        .chain(filter.names.iter().map(|name| state_word(name)))
        .collect();
    let without = |filter: RunFilter| format!("{list}{}", RunListQuery::first_page(&filter));
    let state = (!states.is_empty()).then(|| ActiveFilter {
        name: "State".to_owned(),
        value: Signal::stored(states.join(", ")),
        without: without(RunFilter { since: filter.since, ..RunFilter::default() }),
    });
    let since = filter.since;
    let started = since_label(since, Zone::Utc).map(|_| ActiveFilter {
        name: "Started".to_owned(),
        value: Signal::derive(move || since_label(since, zone.get()).unwrap_or_default()),
        without: without(RunFilter { since: Since::Ever, ..filter.clone() }),
    });
    started.into_iter().chain(state).collect()
}

fn since_label(since: Since, zone: Zone) -> Option<String> {
    let text = |time| with_zone(format!("{}, {}", date_with_year(time, zone), hour_and_minute(time, zone)), zone);
    match since {
        Since::Ever | Since::Between(None, None) => None,
        Since::Last(seconds) => {
            let known = SPANS.into_iter().find(|(_, _, known)| *known == seconds);
            Some(known.map_or_else(|| format!("last {seconds}s"), |(_, label, _)| label.to_lowercase()))
        }
        Since::Between(Some(from), None) => Some(format!("from {}", text(from))),
        Since::Between(None, Some(to)) => Some(format!("until {}", text(to))),
        Since::Between(Some(from), Some(to)) => Some(format!("{} to {}", text(from), text(to))),
    }
}

/// Appends "UTC" while the reader's time zone is not known.
fn with_zone(text: String, zone: Zone) -> String {
    if zone == Zone::Utc { format!("{text} UTC") } else { text }
}

/// Removes empty fields from the URL, and converts moments from the reader's time zone to UTC.
fn prepare_query(form: &web_sys::FormData) {
    // The empty name is that of the submit button.
    for name in ["started", "from", "to", ""] {
        let text = form.get(name).as_string().unwrap_or_default();
        if text.is_empty() {
            form.delete(name);
        } else if name != "started"
            && let Some(moment) = parse_datetime_local(&text)
        {
            // It can't fail: the field exists.
            let _set = form.set_with_str(name, &format_moment(moment));
        }
    }
}

#[component]
fn FilterForm(filter: RunFilter, list: String, zone: Memo<Zone>) -> impl IntoView {
    let has_states = filter_count(&RunFilter { since: Since::Ever, ..filter.clone() }) > 0;
    view! {
        <Form method="GET" action=list.clone() on_form_data=Arc::new(prepare_query)>
            <div class="bd stack snug">
                {card("Started", filter.since != Since::Ever, start_fields(filter.since, zone))}
                {card("State", has_states, state_fields(&filter))}
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

/// The card of a filter, highlighted if the filter is `active`.
fn card(title: &'static str, active: bool, fields: AnyView) -> AnyView {
    view! {
        <fieldset class="card fcard" class:on=active>
            <legend>{title}</legend>
            <div class="bd">{fields}</div>
        </fieldset>
    }
    .into_any()
}

fn start_fields(since: Since, zone: Memo<Zone>) -> AnyView {
    let spans = std::iter::once(Choice::new("", "Any time"))
        .chain(SPANS.into_iter().map(|(value, label, _)| Choice::new(value, label)))
        .collect();
    let (span, from, to) = match since {
        Since::Last(seconds) => {
            (SPANS.into_iter().find(|(_, _, known)| *known == seconds).map_or("", |(value, ..)| value), None, None)
        }
        Since::Between(from, to) => ("", from, to),
        Since::Ever => ("", None, None),
    };
    view! {
        <div class="stack snug">
            <SelectField label="When" name="started" choices=spans value=span />
            <MomentField label="From" name="from" time=from zone />
            <MomentField label="To" name="to" time=to zone />
        </div>
    }
    .into_any()
}

fn state_fields(filter: &RunFilter) -> AnyView {
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

/// A field for a moment: in UTC until the reader's time zone is known, then converted.
#[component]
fn MomentField(label: &'static str, name: &'static str, time: Option<Timestamp>, zone: Memo<Zone>) -> impl IntoView {
    let text = move |zone| time.map(|time| datetime_local(time, zone)).unwrap_or_default();
    let bind = RwSignal::new(text(zone.get_untracked()));
    Effect::new(move |_| {
        let zone = zone.get();
        // Keeps what a person typed before hydration.
        if bind.get_untracked() == text(Zone::Utc) {
            bind.set(text(zone));
        }
    });
    let hint = Signal::derive(move || (zone.get() == Zone::Utc).then(|| "In UTC".to_owned()));
    view! { <TextField label name kind=InputKind::DateTimeLocal optional=true bind hint /> }
}

/// Counts of running and of failed or crashed runs, for the result line.
pub fn summary(counts: &StateCounts) -> String {
    use StateType::{Crashed, Failed, Running};
    let of = |types: &[StateType]| {
        counts.iter().filter(|(state_type, ..)| types.contains(state_type)).map(|(_, _, runs)| runs).sum::<u64>()
    };
    let parts = [(of(&[Running]), "running"), (of(&[Failed, Crashed]), "failed or crashed")];
    let texts: Vec<_> = parts
        .into_iter()
        .filter(|(runs, _)| *runs > 0)
        .map(|(runs, word)| format!("{} {word}", grouped(runs)))
        .collect();
    texts.join(", ")
}
