//! The list of details below the run's name.

use leptos::prelude::*;
use model::{
    screen::{RunHead, RunLink, RunView},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::{
    live_run::LiveRun,
    view::{RunTab, view_query},
};
use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// A start later than this many microseconds counts as late: then the page shows the expected time too.
const LATE_AFTER: i64 = 1_000_000;
/// A version of at least so many hexadecimal digits is a hash, of which the first ones identify it.
const HASH_DIGITS: usize = 16;

/// All details; they change with the run. Phones show the first two times, and the others on request.
#[component]
pub fn RunDetails(run: LiveRun, workspace: WorkspaceRef, view: RunView) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let head = run.head;
    // A memo, so that the details are not rendered anew with every second of the clock.
    let times = Memo::new(move |_| head.with(|head| Times::of(head, clock.get().now)));
    let id = head.with_untracked(|head| head.id).to_string();
    let short = format!("{}…{}", &id[..8], &id[id.len() - 4..]);
    let subflows = move || {
        let runs = run.subflows.get();
        let page = workspace.flow_run_path(head.with_untracked(|head| head.id));
        let href = format!("{page}{}", view_query(RunTab::TaskRuns, RunView { tasks_after: 0, ..view }));
        (runs > 0).then(|| {
            view! {
                <Detail name="Subflow runs" fold=true>
                    <a class="link" href=href data-noscroll="">
                        {capped(runs)}
                    </a>
                </Detail>
            }
        })
    };
    view! {
        <div>
            <DetailList>
                {move || times.get().view(clock)}
                {move || head.with(|head| head.parent.clone()).map(|parent| parent_detail(parent, workspace))}
                {subflows}
                {move || head.with(|head| head.flow_version.clone()).map(version_detail)}
                {move || tags_detail(head.with(|head| head.tags.clone()))}
                <Detail name="Run ID" mono=true fold=true>
                    <span title=id.clone()>{short}</span>
                    " "
                    <CopyButton text=id what="run ID" look=CopyLook::Icon />
                </Detail>
            </DetailList>
            <MoreDetails />
        </div>
    }
    .into_any()
}

fn parent_detail(parent: RunLink, workspace: WorkspaceRef) -> AnyView {
    view! {
        <Detail name="Parent run" fold=true>
            <a class="link" href=workspace.flow_run_path(parent.id)>
                {format!("{} / {}", parent.flow, parent.name)}
            </a>
        </Detail>
    }
    .into_any()
}

fn version_detail(version: String) -> AnyView {
    let is_hash = version.len() >= HASH_DIGITS && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    let content = if is_hash {
        view! {
            <span title=version.clone()>{version[..8].to_owned()}</span>
            " "
            <CopyButton text=version what="flow version" look=CopyLook::Icon />
        }
        .into_any()
    } else {
        version.into_any()
    };
    view! {
        <Detail name="Flow version" mono=true fold=true>
            {content}
        </Detail>
    }
    .into_any()
}

fn tags_detail(tags: Vec<String>) -> Option<AnyView> {
    (!tags.is_empty()).then(|| {
        view! {
            <Detail name="Tags" fold=true>
                <Chips tags />
            </Detail>
        }
        .into_any()
    })
}

/// The times of a run.
#[derive(Clone, PartialEq, Debug)]
struct Times {
    /// When it was expected, if it has started much later.
    expected: Option<Timestamp>,
    begin: (&'static str, Timestamp),
    length: Option<(String, Length)>,
    ended: Option<Timestamp>,
}

/// A duration up to now, up to a time, or from now on.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Length {
    Since(Timestamp),
    Between(Timestamp, Timestamp),
    Until(Timestamp),
}

impl Times {
    fn of(head: &RunHead, now: Timestamp) -> Self {
        let RunHead { state, created, expected, until, started, ended, .. } = head;
        let is_scheduled = state.as_ref().is_some_and(|state| state.state_type == StateType::Scheduled);
        let due = until.or(*expected).filter(|_| is_scheduled);
        let begin = match (*started, due, *expected) {
            (Some(started), ..) => ("Started", started),
            (None, Some(due), _) => ("Due", due),
            (None, None, Some(expected)) => ("Expected", expected),
            (None, None, None) => ("Created", *created),
        };
        let started_late =
            |expected: &Timestamp| started.is_some_and(|started| started.since(*expected).micros() > LATE_AFTER);
        Self { expected: expected.filter(started_late), begin, length: length(head, due, now), ended: *ended }
    }

    fn view(self, clock: Signal<Clock>) -> AnyView {
        let Self { expected, begin: (begin_name, begin), length, ended } = self;
        let planned = matches!(length, Some((_, Length::Until(due))) if due == begin);
        view! {
            {expected.map(|at| time_detail("Expected", at, false, true, clock))}
            {time_detail(begin_name, begin, planned, false, clock)}
            {length
                .map(|(name, length)| {
                    view! {
                        <Detail name>
                            {length_view(length, clock)}
                        </Detail>
                    }
                })}
            {ended.map(|at| time_detail("Ended", at, false, true, clock))}
        }
        .into_any()
    }
}

/// How long the run ran, has been running, is late, waits, or has been waiting.
fn length(head: &RunHead, due: Option<Timestamp>, now: Timestamp) -> Option<(String, Length)> {
    let state = head.state.as_ref()?;
    let is_retry = state.name == "AwaitingRetry";
    match (state.state_type, head.started, head.ended, due) {
        (StateType::Running, Some(started), ..) => Some(("Running for".to_owned(), Length::Since(started))),
        (StateType::Scheduled, _, _, Some(due)) if due > now => {
            Some((if is_retry { "Retries in" } else { "Starts in" }.to_owned(), Length::Until(due)))
        }
        // Late since it was due, not since the server has marked it.
        (StateType::Scheduled, _, _, Some(due)) if state.name == "Late" => {
            Some(("Late by".to_owned(), Length::Since(due)))
        }
        // Due for a moment, until a client picks it up or the server marks it.
        (StateType::Scheduled, _, _, Some(_)) => None,
        (_, Some(started), Some(ended), _) => Some(("Ran for".to_owned(), Length::Between(started, ended))),
        (state_type, ..) if !state_type.is_terminal() => {
            Some((format!("{} for", state_word(&state.name)), Length::Since(state.at)))
        }
        _ => None,
    }
}

fn length_view(length: Length, clock: Signal<Clock>) -> AnyView {
    match length {
        Length::Since(start) => view! { <Elapsed start end=None clock /> }.into_any(),
        Length::Between(start, end) => view! { <Elapsed start end=Some(end) clock /> }.into_any(),
        Length::Until(end) => (move || running_duration(end.since(clock.get().now))).into_any(),
    }
}

/// A planned time is shown to the minute, any other to the second.
fn time_detail(name: &'static str, at: Timestamp, planned: bool, fold: bool, clock: Signal<Clock>) -> AnyView {
    let time = if planned {
        view! {
            <time datetime=at.to_string() title=move || full_date_time(at, clock.get().zone)>
                {move || planned_time(at, clock.get())}
            </time>
        }
        .into_any()
    } else {
        view! { <DateTime at clock /> }.into_any()
    };
    view! {
        <Detail name fold>
            {time}
        </Detail>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::{
        id::FlowRunId,
        screen::{RunHead, StateLine},
        state::StateType::{self, Completed, Paused, Pending, Running, Scheduled},
        time::Timestamp,
    };

    use super::{Length, Times};

    const NOW: i64 = 1_000_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(NOW + seconds * 1_000_000)
    }

    /// A run in this state since a minute ago, which was expected five minutes ago.
    fn head(state_type: StateType, name: &str) -> RunHead {
        let id = "a23b977d-7fcc-4f69-8cb6-75d697369fbf";
        let state =
            StateLine { id: id.parse().unwrap(), state_type, name: name.to_owned(), at: at(-60), message: None };
        RunHead {
            id: id.parse::<FlowRunId>().unwrap(),
            flow: "Tides".to_owned(),
            name: "calm-trout".to_owned(),
            state: Some(state),
            tags: Vec::new(),
            flow_version: None,
            parent: None,
            parameters: None,
            created: at(-300),
            created_by: None,
            expected: Some(at(-300)),
            until: None,
            suspended: false,
            started: None,
            ended: None,
            failure: None,
        }
    }

    fn shown(head: &RunHead) -> (&'static str, Timestamp, String, Option<Length>) {
        let Times { begin: (name, begin), length, .. } = Times::of(head, at(0));
        let (length_name, length) = length.map_or((String::new(), None), |(name, length)| (name, Some(length)));
        (name, begin, length_name, length)
    }

    #[test]
    fn a_scheduled_run_counts_down_and_a_late_one_up() {
        let planned = RunHead { until: Some(at(90)), expected: Some(at(90)), ..head(Scheduled, "Scheduled") };
        assert_eq!(shown(&planned), ("Due", at(90), "Starts in".to_owned(), Some(Length::Until(at(90)))));
        let due = RunHead { until: Some(at(-3)), expected: Some(at(-3)), ..planned };
        assert_eq!(shown(&due), ("Due", at(-3), String::new(), None));
        let late = RunHead { until: Some(at(-300)), ..head(Scheduled, "Late") };
        assert_eq!(shown(&late), ("Due", at(-300), "Late by".to_owned(), Some(Length::Since(at(-300)))));
        let retried = RunHead { until: Some(at(30)), started: Some(at(-200)), ..head(Scheduled, "AwaitingRetry") };
        assert_eq!(shown(&retried), ("Started", at(-200), "Retries in".to_owned(), Some(Length::Until(at(30)))));
    }

    #[test]
    fn other_runs_count_from_their_start_or_their_state() {
        assert_eq!(shown(&head(Pending, "Pending")).2, "Pending for");
        let running = RunHead { started: Some(at(-200)), ..head(Running, "Running") };
        assert_eq!(shown(&running), ("Started", at(-200), "Running for".to_owned(), Some(Length::Since(at(-200)))));
        let paused = RunHead { started: Some(at(-200)), until: Some(at(9)), ..head(Paused, "Suspended") };
        assert_eq!(shown(&paused), ("Started", at(-200), "Suspended for".to_owned(), Some(Length::Since(at(-60)))));
        let ended = RunHead { started: Some(at(-200)), ended: Some(at(-60)), ..head(Completed, "Completed") };
        assert_eq!(shown(&ended).3, Some(Length::Between(at(-200), at(-60))));
        assert_eq!(Times::of(&ended, at(0)).expected, Some(at(-300)));
        let punctual = RunHead { expected: Some(at(-201)), ..ended };
        assert_eq!(Times::of(&punctual, at(0)).expected, None);
    }
}
