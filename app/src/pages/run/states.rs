//! The states of the run, as a tab; before the run starts, also as a card that says what it waits for.

use leptos::prelude::*;
use model::{screen::StateLine, state::StateType, time::Timestamp};
use ui::prelude::*;

use super::live_run::{LiveRun, is_upcoming};

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
    let waits_for = Memo::new(move |_| {
        run.head.with(|head| {
            let is_waiting = is_upcoming(head.state.as_ref()) && head.started.is_none();
            let scheduled = head.state.as_ref().filter(|state| state.state_type == StateType::Scheduled);
            let scheduled = scheduled.map(|state| state.name.as_str());
            is_waiting.then(|| WaitsFor::of(scheduled, head.expected, clock.get().now))
        })
    });
    move || {
        waits_for.get().map(|waits_for| {
            view! {
                <Card title=waits_for.title()>
                    <div class="stack snug">
                        <p class="t2 ui">{move || waits_for.text(clock.get())}</p>
                        <StateTimeline entries=timeline(run) clock />
                    </div>
                </Card>
            }
            .into_any()
        })
    }
}

/// What a run waits for that has not started.
#[derive(Clone, Copy, PartialEq, Debug)]
enum WaitsFor {
    /// The time at which it is due.
    Time(Timestamp),
    /// A client that picks it up; since the time at which it was due, if it is late.
    Client(Option<Timestamp>),
    /// The client that has picked it up.
    Start,
}

impl WaitsFor {
    /// `scheduled` is the name of the state, if it is a scheduled one.
    fn of(scheduled: Option<&str>, expected: Option<Timestamp>, now: Timestamp) -> Self {
        match (scheduled, expected) {
            (None, _) => Self::Start,
            (Some("Late"), due) => Self::Client(due),
            (Some(_), Some(expected)) if expected > now => Self::Time(expected),
            (Some(_), _) => Self::Client(None),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Client(Some(_)) => "No client has picked it up",
            Self::Client(None) => "Waiting for a client",
            Self::Time(_) | Self::Start => "Getting ready",
        }
    }

    fn text(self, clock: Clock) -> String {
        match self {
            Self::Time(expected) => format!("Waits for its time, {}.", relative(expected, clock)),
            Self::Client(Some(due)) => {
                format!("The run was due {} and starts when a client picks it up.", relative(due, clock))
            }
            Self::Client(None) => "The run is due. A client has to pick it up.".to_owned(),
            Self::Start => "A client has taken the run and is about to start it.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use model::time::Timestamp;

    use super::WaitsFor;

    #[test]
    fn a_late_run_waits_for_a_client_since_it_was_due() {
        let [due, now] = [10, 20].map(Timestamp::from_micros);
        let cases = [
            (Some("Late"), Some(due), WaitsFor::Client(Some(due))),
            (Some("Scheduled"), Some(due), WaitsFor::Client(None)),
            (Some("Scheduled"), Some(Timestamp::from_micros(30)), WaitsFor::Time(Timestamp::from_micros(30))),
            (Some("AwaitingRetry"), None, WaitsFor::Client(None)),
            (None, Some(due), WaitsFor::Start),
        ];
        for (scheduled, expected, waits_for) in cases {
            assert_eq!(WaitsFor::of(scheduled, expected, now), waits_for, "{scheduled:?} {expected:?}");
        }
    }
}
