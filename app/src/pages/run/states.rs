//! The states that the run went through, as a tab and, before it works, as what it waits for.

use leptos::prelude::*;
use model::{screen::StateLine, state::StateType, time::Timestamp};
use ui::prelude::*;

use super::{detail::is_to_come, news::Shown};

/// The states, newest first; each lasted until the one above it.
fn steps(shown: Shown) -> Signal<Vec<TrailStep>> {
    let states = shown.states;
    Signal::derive(move || {
        let mut next = None;
        states.with(|states| states.iter().map(|state| step(state, next.replace(state.at))).collect())
    })
}

fn step(state: &StateLine, until: Option<Timestamp>) -> TrailStep {
    TrailStep {
        state_type: state.state_type,
        name: state.name.clone(),
        at: state.at,
        until,
        message: state.message.clone().filter(|message| !message.is_empty()),
    }
}

/// The tab.
#[component]
pub fn States(shown: Shown) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    view! {
        <section class="card">
            <div class="bd">
                <Trail steps=steps(shown) clock />
            </div>
        </section>
    }
    .into_any()
}

/// Before the run works: what it waits for.
#[component]
pub fn GettingReady(shown: Shown) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let to_come = Memo::new(move |_| shown.head.with(|head| is_to_come(head.state.as_ref()) && head.started.is_none()));
    let waits = move || {
        shown.head.with(|head| match head.state.as_ref() {
            Some(state) if state.state_type == StateType::Scheduled => match head.expected {
                Some(expected) if expected > clock.get().now => {
                    format!("Waits for its time, {}.", relative(expected, clock.get()))
                }
                _ => "Its time has come. Waits for a client to take it.".to_owned(),
            },
            _ => "A client has taken the run and is about to start it.".to_owned(),
        })
    };
    let waits = StoredValue::new(waits);
    move || {
        to_come.get().then(|| {
            view! {
                <Card title="Getting ready">
                    <div class="stack snug">
                        <p class="t2 ui">{move || waits.with_value(|waits| waits())}</p>
                        <Trail steps=steps(shown) clock />
                    </div>
                </Card>
            }
            .into_any()
        })
    }
}
