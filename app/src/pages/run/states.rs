//! The states of the run and its creation, as a tab; and the card that says what a waiting run waits for.

use leptos::prelude::*;
use model::{
    screen::{MAX_STATES, RunHead, StateLine},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::live_run::LiveRun;

/// The newest so many states, newest first; each lasted until the one above it.
fn timeline(run: LiveRun, most: usize) -> Signal<Vec<TimelineEntry>> {
    let states = run.states;
    Signal::derive(move || {
        let mut next = None;
        states.with(|states| states.iter().take(most).map(|state| entry(state, next.replace(state.at))).collect())
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
    let creation =
        Memo::new(move |_| run.head.with(|head| Some(Creation { at: head.created, by: head.created_by.clone() })));
    view! {
        <section class="card">
            <div class="bd">
                <StateTimeline entries=timeline(run, MAX_STATES) creation clock />
            </div>
        </section>
    }
    .into_any()
}

/// What the run waits for, while it waits.
#[component]
pub fn WaitingCard(run: LiveRun) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    // A memo of the texts, so that the card is not rendered anew with every second of the clock.
    let texts = Memo::new(move |_| {
        let clock = clock.get();
        let waits_for = run.head.with(|head| WaitsFor::of(head, clock.now))?;
        Some((waits_for.title(clock), waits_for.text(clock), waits_for.states()))
    });
    move || {
        texts.get().map(|(title, text, states)| {
            view! {
                <Card title>
                    <div class="stack snug">
                        <p class="t2 ui">{text}</p>
                        <StateTimeline entries=timeline(run, states) clock />
                    </div>
                </Card>
            }
            .into_any()
        })
    }
}

/// What a run waits for.
#[derive(Clone, PartialEq, Debug)]
enum WaitsFor {
    /// The time at which it is due.
    Time(Timestamp),
    /// The time at which it is tried again.
    Retry(Timestamp),
    /// A client that picks it up, since the time at which it was due.
    Client(Option<Timestamp>),
    /// The client that has picked it up.
    Start,
    /// Its resumption: the name of the state, and until when.
    Resumption { state: String, limit: Limit },
}

/// Until when a run may be resumed. Only a client that waits for the resumption fails the run when the time has passed.
#[derive(Clone, PartialEq, Debug)]
enum Limit {
    Unlimited,
    Passed(Timestamp),
    /// The client that paused the run waits.
    Fails(Timestamp),
    /// No client waits, because the process of the suspended run has ended.
    Stays(Timestamp),
}

impl Limit {
    fn of(head: &RunHead, now: Timestamp) -> Self {
        match head.until {
            None => Self::Unlimited,
            Some(until) if until <= now => Self::Passed(until),
            Some(until) if head.suspended => Self::Stays(until),
            Some(until) => Self::Fails(until),
        }
    }
}

impl WaitsFor {
    fn of(head: &RunHead, now: Timestamp) -> Option<Self> {
        let due = head.until.or(head.expected);
        let Some(state) = &head.state else { return head.started.is_none().then_some(Self::Start) };
        match (state.state_type, due) {
            (StateType::Scheduled, Some(at)) if at > now && state.name == "AwaitingRetry" => Some(Self::Retry(at)),
            (StateType::Scheduled, Some(at)) if at > now => Some(Self::Time(at)),
            (StateType::Scheduled, due) => Some(Self::Client(due)),
            (StateType::Pending, _) if head.started.is_none() => Some(Self::Start),
            (StateType::Paused, _) => {
                Some(Self::Resumption { state: state_word(&state.name).to_owned(), limit: Limit::of(head, now) })
            }
            _ => None,
        }
    }

    fn title(&self, clock: Clock) -> String {
        match self {
            Self::Time(at) => format!("Starts {}", at_time(*at, clock)),
            Self::Retry(at) => format!("Retries {}", at_time(*at, clock)),
            Self::Client(_) => "Waiting for a client".to_owned(),
            Self::Start => "Waiting to start".to_owned(),
            Self::Resumption { state, limit: Limit::Fails(until) } => {
                format!("{state} until {}", planned_time_within(*until, clock))
            }
            Self::Resumption { state, .. } => state.clone(),
        }
    }

    fn text(&self, clock: Clock) -> String {
        match self {
            Self::Time(_) => "A client will pick up the run when it’s due.".to_owned(),
            Self::Retry(_) => "The run failed and will be retried at that time.".to_owned(),
            Self::Client(Some(due)) => {
                format!("Due {}. No client has picked it up yet.", planned_time_within(*due, clock))
            }
            Self::Client(None) => "No client has picked it up yet.".to_owned(),
            Self::Start => "A client has picked up the run.".to_owned(),
            Self::Resumption { limit, .. } => match limit {
                Limit::Unlimited => "The run is waiting for a client to resume it.".to_owned(),
                Limit::Passed(until) => format!("The time to resume this run ended {}.", at_time(*until, clock)),
                Limit::Fails(_) => "The run fails at that time unless a client resumes it.".to_owned(),
                Limit::Stays(until) => {
                    format!("A client can resume the run until {}.", planned_time_within(*until, clock))
                }
            },
        }
    }

    /// How many states the card shows: a run that has not started has few, a paused one may have many.
    fn states(&self) -> usize {
        if matches!(self, Self::Resumption { .. } | Self::Retry(_)) { 1 } else { MAX_STATES }
    }
}

/// A time that ends a clause: "at 14:07", "tomorrow, 14:07".
fn at_time(at: Timestamp, clock: Clock) -> String {
    let time = planned_time_within(at, clock);
    if time.contains(',') { time } else { format!("at {time}") }
}

#[cfg(test)]
mod tests {
    use model::{
        screen::{RunHead, StateLine},
        state::StateType::{self, Completed, Paused, Pending, Running, Scheduled},
        time::Timestamp,
    };
    use ui::prelude::{Clock, Zone};

    use super::WaitsFor;

    fn head(state: Option<(StateType, &str)>, until: Option<&str>, started: bool) -> RunHead {
        let id = "a23b977d-7fcc-4f69-8cb6-75d697369fbf";
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let created = at("2026-11-29T13:00:00Z");
        RunHead {
            id: id.parse().unwrap(),
            flow: "Tides".to_owned(),
            name: "calm-trout".to_owned(),
            state: state.map(|(state_type, name)| StateLine {
                id: id.parse().unwrap(),
                state_type,
                name: name.to_owned(),
                at: created,
                message: None,
            }),
            tags: Vec::new(),
            flow_version: None,
            parent: None,
            parameters: None,
            created,
            created_by: None,
            expected: Some(created),
            until: until.map(at),
            suspended: state.is_some_and(|(_, name)| name == "Suspended"),
            started: started.then_some(created),
            ended: None,
            failure: None,
        }
    }

    const PLANNED: &str = "A client will pick up the run when it’s due.";
    const RESUMABLE: &str = "The run fails at that time unless a client resumes it.";
    const DUE_1448: &str = "Due 14:48. No client has picked it up yet.";

    /// Type, name and time of a state, whether the run has started, and what the page says on 29 November at 15:05.
    type Case = (StateType, &'static str, Option<&'static str>, bool, &'static str, &'static str);

    const CASES: [Case; 14] = [
        (Scheduled, "Scheduled", Some("30T19:00"), false, "Starts tomorrow, 19:00", PLANNED),
        (
            Scheduled,
            "Scheduled",
            Some("28T19:00"),
            false,
            "Waiting for a client",
            "Due 28 November, 19:00. No client has picked it up yet.",
        ),
        (Scheduled, "Scheduled", Some("29T16:00"), false, "Starts at 16:00", PLANNED),
        (
            Scheduled,
            "Scheduled",
            Some("29T15:05"),
            false,
            "Waiting for a client",
            "Due 15:05. No client has picked it up yet.",
        ),
        (Scheduled, "Late", Some("29T14:48"), false, "Waiting for a client", DUE_1448),
        (Scheduled, "Late", None, false, "Waiting for a client", "Due 13:00. No client has picked it up yet."),
        (
            Scheduled,
            "AwaitingRetry",
            Some("29T15:06"),
            true,
            "Retries at 15:06",
            "The run failed and will be retried at that time.",
        ),
        (Scheduled, "AwaitingRetry", Some("29T14:48"), true, "Waiting for a client", DUE_1448),
        (Pending, "Pending", None, false, "Waiting to start", "A client has picked up the run."),
        (Paused, "Paused", Some("29T19:00"), true, "Paused until 19:00", RESUMABLE),
        (
            Paused,
            "Suspended",
            Some("30T19:00"),
            true,
            "Suspended",
            "A client can resume the run until tomorrow, 19:00.",
        ),
        (Paused, "Paused", Some("29T15:00"), true, "Paused", "The time to resume this run ended at 15:00."),
        (
            Paused,
            "Suspended",
            Some("28T15:00"),
            true,
            "Suspended",
            "The time to resume this run ended 28 November, 15:00.",
        ),
        (Paused, "Suspended", None, true, "Suspended", "The run is waiting for a client to resume it."),
    ];

    #[test]
    fn a_waiting_run_says_for_what_and_until_when() {
        let clock = Clock { now: "2026-11-29T15:05:00Z".parse().unwrap(), zone: Zone::Utc };
        for (state_type, name, until, started, title, text) in CASES {
            let until = until.map(|time| format!("2026-11-{time}:00Z"));
            let waits_for =
                WaitsFor::of(&head(Some((state_type, name)), until.as_deref(), started), clock.now).unwrap();
            assert_eq!(
                (waits_for.title(clock), waits_for.text(clock)),
                (title.to_owned(), text.to_owned()),
                "{name} {until:?}"
            );
        }
        for state in [(Running, "Running"), (Completed, "Completed"), (Pending, "Pending")] {
            assert_eq!(WaitsFor::of(&head(Some(state), None, true), clock.now), None, "{state:?}");
        }
        assert_eq!(WaitsFor::of(&head(None, None, false), clock.now), Some(WaitsFor::Start));
    }
}
