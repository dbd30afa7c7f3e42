//! The line of facts under the run's name.

use leptos::prelude::*;
use model::{screen::RunHead, state::StateType, time::Timestamp};
use ui::prelude::*;

use crate::links::Place;

/// A start is late from so many microseconds on: then the page says when it was expected.
const LATE: i64 = 1_000_000;

/// All facts; they change with the run.
#[component]
pub fn RunFacts(head: RwSignal<RunHead>, place: Place) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    move || {
        let RunHead { id, state, tags, flow_version, parent, created, expected, started, ended, .. } = head.get();
        let id = id.to_string();
        let short = format!("{}…{}", &id[..8], &id[id.len() - 4..]);
        let begin = match (started, expected) {
            (Some(started), _) => ("Started", started),
            (None, Some(expected)) => ("Expected", expected),
            (None, None) => ("Created", created),
        };
        let since = state.map(|state| (state.state_type, state.name, state.at));
        let lasts = lasts(started, ended, since, clock);
        let expected =
            expected.filter(|expected| started.is_some_and(|started| started.since(*expected).micros() > LATE));
        view! {
            <Facts>
                {fact(begin.0, begin.1, clock)}
                {lasts}
                {ended.map(|ended| fact("Ended", ended, clock))}
                {expected.map(|expected| fact("Expected", expected, clock))}
                {parent
                    .map(|parent| {
                        view! {
                            <Fact name="Parent run">
                                <a class="link" href=place.flow_run(parent.id)>
                                    {format!("{} / {}", parent.flow, parent.name)}
                                </a>
                            </Fact>
                        }
                    })}
                {flow_version
                    .map(|version| {
                        view! {
                            <Fact name="Flow version" mono=true>
                                {version}
                            </Fact>
                        }
                    })}
                {(!tags.is_empty())
                    .then(|| {
                        view! {
                            <Fact name="Tags">
                                <Chips tags />
                            </Fact>
                        }
                    })}
                <Fact name="Run ID" mono=true>
                    <span title=id.clone()>{short}</span>
                    " "
                    <CopyButton text=id what="run ID" look=CopyLook::Icon />
                </Fact>
            </Facts>
        }
        .into_any()
    }
}

fn fact(name: &'static str, at: Timestamp, clock: Signal<Clock>) -> AnyView {
    view! {
        <Fact name>
            <At at clock />
        </Fact>
    }
    .into_any()
}

/// How long it ran, or runs, or has been waiting.
fn lasts(
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    state: Option<(StateType, String, Timestamp)>,
    clock: Signal<Clock>,
) -> Option<AnyView> {
    let (name, start) = match (started, state) {
        (Some(started), Some((StateType::Running, ..))) => ("Running for".to_owned(), started),
        (Some(started), _) if ended.is_some() => ("Ran for".to_owned(), started),
        (_, Some((state_type, name, at))) if !state_type.is_terminal() => (format!("{} for", state_word(&name)), at),
        _ => return None,
    };
    let end = ended.filter(|_| started.is_some());
    Some(
        view! {
            <Fact name>
                <Elapsed start end clock />
            </Fact>
        }
        .into_any(),
    )
}
