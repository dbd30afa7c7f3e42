//! The details of an object as labelled values, and the timeline of a run's states.

use leptos::prelude::*;
use model::{state::StateType, time::Timestamp};

use crate::{
    clock::{Clock, Zone},
    icon::{Glyph, Icon},
    state::{Silhouette, StateGlyph, state_word},
    time::{Elapsed, full_date_time, time_with_millis, weekday_and_date},
};

/// A list of labelled values; its children are [`Detail`]s.
#[component]
pub fn DetailList(children: Children) -> impl IntoView {
    view! { <dl class="detail-list">{children()}</dl> }
}

/// Follows a [`DetailList`]: phones show the details that are marked with `fold` only once the person has opened it. The style sheet hides
/// them, so that it works without scripts and stays open when the details change.
#[component]
pub fn MoreDetails() -> impl IntoView {
    view! {
        <details class="only-s more-details">
            <summary class="small">
                <span>"More details"</span>
                <span>"Fewer details"</span>
            </summary>
        </details>
    }
}

/// A labelled value: the label above, the value below.
#[component]
pub fn Detail(
    #[prop(into)] name: Signal<String>,
    #[prop(optional)] mono: bool,
    /// Whether phones show it only on request; see [`MoreDetails`].
    #[prop(optional)]
    fold: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class=fold.then_some("fold")>
            <dt>{move || name.get()}</dt>
            <dd class:mono=mono>{children()}</dd>
        </div>
    }
}

/// A state that a run had or has.
#[derive(Clone, PartialEq, Debug)]
pub struct TimelineEntry {
    pub state_type: StateType,
    pub name: String,
    pub at: Timestamp,
    /// When the next state began; `None` for the current state.
    pub until: Option<Timestamp>,
    pub message: Option<String>,
}

/// The creation of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct Creation {
    pub at: Timestamp,
    /// Who or what created it, if that is known.
    pub by: Option<String>,
}

/// The states of a run, newest first, and then its creation, if given. The day is shown where it changes.
#[component]
pub fn StateTimeline(
    #[prop(into)] entries: Signal<Vec<TimelineEntry>>,
    #[prop(optional, into)] creation: Signal<Option<Creation>>,
    #[prop(into)] clock: Signal<Clock>,
) -> impl IntoView {
    let zone = Memo::new(move |_| clock.get().zone);
    view! {
        <ol class="timeline">
            {move || {
                let mut times = Times { zone: zone.get(), day: String::new() };
                let states = entries.get().into_iter().map(|entry| state_row(entry, &mut times, clock)).collect_view();
                view! {
                    {states}
                    {creation.get().map(|creation| creation_row(creation, &mut times))}
                }
            }}
        </ol>
    }
}

/// The times of a timeline.
struct Times {
    zone: Zone,
    /// The day of the time before.
    day: String,
}

impl Times {
    /// The time, with its day if that is another one than before.
    fn show(&mut self, at: Timestamp) -> AnyView {
        let day = weekday_and_date(at, self.zone);
        let new_day = (day != self.day).then(|| day.clone());
        self.day = day;
        view! {
            {new_day.map(|day| view! { <span class="t3 small">{day}</span> })}
            <time class="mono t2" datetime=at.to_string() title=full_date_time(at, self.zone)>
                {time_with_millis(at, self.zone)}
            </time>
        }
        .into_any()
    }
}

fn state_row(entry: TimelineEntry, times: &mut Times, clock: Signal<Clock>) -> AnyView {
    let TimelineEntry { state_type, name, at, until, message } = entry;
    let has_duration = until.is_some() || !state_type.is_terminal();
    let class = format!("st-word {}", Silhouette::of(state_type, &name).class());
    let word = state_word(&name).to_owned();
    view! {
        <li>
            <StateGlyph state_type name />
            <div>
                <div class="when">
                    <b class=class>{word}</b>
                    {times.show(at)}
                    {has_duration.then(|| view! { <span class="t3 small">"for " <Elapsed start=at end=until clock /></span> })}
                </div>
                {message.map(|message| view! { <p>{message}</p> })}
            </div>
        </li>
    }
    .into_any()
}

fn creation_row(Creation { at, by }: Creation, times: &mut Times) -> AnyView {
    view! {
        <li>
            <Glyph icon=Icon::Plus />
            <div class="when">
                <b>"Created"</b>
                {times.show(at)}
                {by.map(|by| view! { <span class="t3 small">{format!("by {by}")}</span> })}
            </div>
        </li>
    }
    .into_any()
}
