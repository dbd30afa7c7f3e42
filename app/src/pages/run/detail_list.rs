//! The list of details below the run's name.

use leptos::prelude::*;
use model::{
    screen::{RunHead, StateLine},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// A start later than this many microseconds counts as late: then the page shows the expected time too.
const LATE_AFTER: i64 = 1_000_000;

/// All details; they change with the run.
#[component]
pub fn RunDetails(head: RwSignal<RunHead>, workspace: WorkspaceRef) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    move || {
        let RunHead { id, state, tags, flow_version, parent, created, expected, started, ended, .. } = head.get();
        let id = id.to_string();
        let short = format!("{}…{}", &id[..8], &id[id.len() - 4..]);
        let (begin_label, begin) = match (started, expected) {
            (Some(started), _) => ("Started", started),
            (None, Some(expected)) if is_late(state.as_ref()) => ("Due", expected),
            (None, Some(expected)) => ("Expected", expected),
            (None, None) => ("Created", created),
        };
        let since = state.map(|state| (state.state_type, state.name, state.at));
        let length = length_detail(started, ended, expected, since, clock);
        let expected =
            expected.filter(|expected| started.is_some_and(|started| started.since(*expected).micros() > LATE_AFTER));
        view! {
            <DetailList>
                {time_detail(begin_label, begin, clock)}
                {length}
                {ended.map(|ended| time_detail("Ended", ended, clock))}
                {expected.map(|expected| time_detail("Expected", expected, clock))}
                {parent
                    .map(|parent| {
                        view! {
                            <Detail name="Parent run">
                                <a class="link" href=workspace.flow_run_path(parent.id)>
                                    {format!("{} / {}", parent.flow, parent.name)}
                                </a>
                            </Detail>
                        }
                    })}
                {flow_version
                    .map(|version| {
                        view! {
                            <Detail name="Flow version" mono=true>
                                {version}
                            </Detail>
                        }
                    })}
                {(!tags.is_empty())
                    .then(|| {
                        view! {
                            <Detail name="Tags">
                                <Chips tags />
                            </Detail>
                        }
                    })}
                <Detail name="Run ID" mono=true>
                    <span title=id.clone()>{short}</span>
                    " "
                    <CopyButton text=id what="run ID" look=CopyLook::Icon />
                </Detail>
            </DetailList>
        }
        .into_any()
    }
}

fn time_detail(name: &'static str, at: Timestamp, clock: Signal<Clock>) -> AnyView {
    view! {
        <Detail name>
            <DateTime at clock />
        </Detail>
    }
    .into_any()
}

/// Whether the run is late: scheduled, due, and not picked up by a client.
fn is_late(state: Option<&StateLine>) -> bool {
    state.is_some_and(|state| state.state_type == StateType::Scheduled && state.name == "Late")
}

/// How long it ran, has been running, is late, or has been waiting.
fn length_detail(
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
    expected: Option<Timestamp>,
    state: Option<(StateType, String, Timestamp)>,
    clock: Signal<Clock>,
) -> Option<AnyView> {
    let (name, start) = match (started, state) {
        (Some(started), Some((StateType::Running, ..))) => ("Running for".to_owned(), started),
        (Some(started), _) if ended.is_some() => ("Ran for".to_owned(), started),
        // Late since it was due, not since the server has marked it.
        (None, Some((StateType::Scheduled, name, at))) if name == "Late" => {
            ("Late by".to_owned(), expected.unwrap_or(at))
        }
        (_, Some((state_type, name, at))) if !state_type.is_terminal() => (format!("{} for", state_word(&name)), at),
        _ => return None,
    };
    let end = ended.filter(|_| started.is_some());
    Some(
        view! {
            <Detail name>
                <Elapsed start end clock />
            </Detail>
        }
        .into_any(),
    )
}
