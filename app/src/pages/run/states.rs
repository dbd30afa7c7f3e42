//! The states of the run, as a tab; before the run starts, also as a card that says what it waits for.

use leptos::prelude::*;
use model::{screen::StateLine, state::StateType, time::Timestamp};
use ui::prelude::*;

use super::{live_run::LiveRun, page::is_upcoming};

/// The states, newest first; each lasted until the one above it.
fn timeline(run: LiveRun) -> Signal<Vec<TimelineEntry>> {
    let states = run.states;
    Signal::derive(move || {
        let mut next = None;
        states.with(|states| states.iter().map(|state| entry(state, next.replace(state.at))).collect())
    })
}

fn entry(state: &StateLine, until: Option<Timestamp>) -> TimelineEntry {
    TimelineEntry {
        state_type: state.state_type,
        name: state.name.clone(),
        at: state.at,
        until,
        message: state.message.clone().filter(|message| !message.is_empty()),
    }
}

/// The tab.
#[component]
pub fn States(run: LiveRun) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    view! {
        <section class="card">
            <div class="bd">
                <StateTimeline entries=timeline(run) clock />
            </div>
        </section>
    }
    .into_any()
}

/// Before the run starts: what it waits for.
#[component]
pub fn GettingReady(run: LiveRun) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let is_waiting =
        Memo::new(move |_| run.head.with(|head| is_upcoming(head.state.as_ref()) && head.started.is_none()));
    let text = move || {
        run.head.with(|head| match head.state.as_ref() {
            Some(state) if state.state_type == StateType::Scheduled => match head.expected {
                Some(expected) if expected > clock.get().now => {
                    format!("Waits for its time, {}.", relative(expected, clock.get()))
                }
                _ => "Its time has come. Waits for a client to start it.".to_owned(),
            },
            _ => "A client has taken the run and is about to start it.".to_owned(),
        })
    };
    let text = StoredValue::new(text);
    move || {
        is_waiting.get().then(|| {
            view! {
                <Card title="Getting ready">
                    <div class="stack snug">
                        <p class="t2 ui">{move || text.with_value(|text| text())}</p>
                        <StateTimeline entries=timeline(run) clock />
                    </div>
                </Card>
            }
            .into_any()
        })
    }
}
