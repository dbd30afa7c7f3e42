//! Facts about one thing, and the trail of its states.

use leptos::prelude::*;
use model::{state::StateType, time::Timestamp};

use crate::{
    clock::Clock,
    state::{Silhouette, StateGlyph, state_word},
    time::{Elapsed, exact_time, in_full, weekday},
};

/// A line of facts; put [`Fact`]s into it.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// A fact: its name above, the value below.
#[component]
pub fn Fact(#[prop(into)] name: Signal<String>, #[prop(optional)] mono: bool, children: Children) -> impl IntoView {
    view! {
        <div>
            <dt>{move || name.get()}</dt>
            <dd class:mono=mono>{children()}</dd>
        </div>
    }
}

/// A state in a run's past.
#[derive(Clone, PartialEq, Debug)]
pub struct TrailStep {
    pub state_type: StateType,
    pub name: String,
    pub at: Timestamp,
    /// When the next one began; none for the last one, which lasts still unless it is an end.
    pub until: Option<Timestamp>,
    pub message: Option<String>,
}

/// The states a run went through, in the order given: newest first. The day is told where it changes.
#[component]
pub fn Trail(#[prop(into)] steps: Signal<Vec<TrailStep>>, #[prop(into)] clock: Signal<Clock>) -> impl IntoView {
    let zone = Memo::new(move |_| clock.get().zone);
    view! {
        <ol class="trail">
            {move || {
                let (zone, mut above) = (zone.get(), String::new());
                steps
                    .get()
                    .into_iter()
                    .map(|TrailStep { state_type, name, at, until, message }| {
                        let day = weekday(at, zone);
                        let begins = (day != above).then(|| day.clone());
                        above = day;
                        let lasts = until.is_some() || !state_type.is_terminal();
                        let class = format!("st-word {}", Silhouette::of(state_type, &name).class());
                        let word = state_word(&name).to_owned();
                        view! {
                            <li>
                                <StateGlyph state_type name />
                                <div>
                                    <div class="when">
                                        <b class=class>{word}</b>
                                        {begins.map(|day| view! { <span class="t3 small">{day}</span> })}
                                        <time class="mono t2" datetime=at.to_string() title=in_full(at, zone)>
                                            {exact_time(at, zone)}
                                        </time>
                                        {lasts.then(|| view! { <span class="t3 small">"for " <Elapsed start=at end=until clock /></span> })}
                                    </div>
                                    {message.map(|message| view! { <p>{message}</p> })}
                                </div>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ol>
    }
}
