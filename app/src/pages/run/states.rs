//! The states that the run went through, as a tab and, before it works, as what it waits for.

use leptos::prelude::*;
use model::{screen::StateLine, state::StateType};
use ui::prelude::*;

use super::{detail::is_to_come, news::Shown};

fn steps(shown: Shown, clock: Signal<Clock>) -> Signal<Vec<TrailStep>> {
    let states = shown.states;
    Signal::derive(move || {
        let mut next = None;
        states.with(|states| {
            states
                .iter()
                .map(|state| {
                    let until = next.replace(state.at);
                    step(state, until, clock)
                })
                .collect()
        })
    })
}

/// A state, and how long it lasted: until the next one, or up to now if it is the run's last and no end.
fn step(state: &StateLine, until: Option<model::time::Timestamp>, clock: Signal<Clock>) -> TrailStep {
    let lasted = match until {
        Some(until) => Some(duration(until.since(state.at))),
        None if state.state_type.is_terminal() => None,
        None => Some(so_far(clock.get().now.since(state.at))),
    };
    TrailStep {
        state_type: state.state_type,
        name: state.name.clone(),
        at: state.at,
        lasted,
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
                <Trail steps=steps(shown, clock) clock />
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
                        <Trail steps=steps(shown, clock) clock />
                    </div>
                </Card>
            }
            .into_any()
        })
    }
}
