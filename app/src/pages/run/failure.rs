//! Why the run broke: the first error, how much broke with it, and the last run that ended well.

use leptos::prelude::*;
use model::{
    id::FlowRunId,
    screen::{LinePage, RunView, TaskCount, Trouble},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::{
    news::Shown,
    view::{TabOf, query},
};
use crate::links::Place;

/// Names of task runs that never started: so many are told.
const MOST_NAMES: usize = 3;
/// The level of the log lines that tell of errors.
const ERRORS: i32 = 40;

/// Shown while the run is broken.
#[component]
pub fn FirstTrouble(shown: Shown, place: Place, view: RunView) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let trouble = Memo::new(move |_| shown.head.with(|head| head.trouble.clone()));
    move || {
        let Trouble { at, task_run, message, line, last_good } = trouble.get()?;
        let id = shown.head.with_untracked(|head| head.id);
        let log_href = line.map(|line| {
            let errors = RunView { level: ERRORS, lines: LinePage::Oldest, ..view };
            format!("{}{}#log-{line}", place.flow_run(id), query(TabOf::Logs, errors))
        });
        let heading = move || {
            let place = task_run.map(|name| format!(" in {name}"));
            view! { "First error, at " <TimeOfDay at clock /> {place} }
        };
        // Old clients send no message with a state.
        let message = if message.is_empty() { "No message was sent with the state.".to_owned() } else { message };
        Some(
            view! {
                <FirstError heading message log_href=log_href.unwrap_or_default()>
                    <Around shown place last_good />
                </FirstError>
            }
            .into_any(),
        )
    }
}

#[component]
fn Around(shown: Shown, place: Place, last_good: Option<(FlowRunId, Timestamp)>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let broken = move || {
        let all = shown.tasks_total.get();
        let is_broken = |count: &&TaskCount| matches!(count.state_type, Some(StateType::Failed | StateType::Crashed));
        let broken: u64 =
            shown.task_counts.with(|counts| counts.iter().filter(is_broken).map(|count| count.runs).sum());
        let noun = if all == 1 { "task run" } else { "task runs" };
        (all > 0).then(|| format!("{} of {} {noun} failed", grouped(broken), capped(all)))
    };
    let never = move || {
        let never = shown.task_counts.with(|counts| counts.iter().map(|count| count.runs - count.begun).sum::<u64>());
        // By name those that this page has; the others are on the next one.
        let mut names = shown.tasks.with(|tasks| {
            let unstarted =
                tasks.iter().filter(|task| task.row.with(|row| row.started.is_none() && row.ended.is_none()));
            unstarted.take(MOST_NAMES).map(|task| task.row.with(|row| row.name.clone())).collect::<Vec<_>>()
        });
        if (names.len() as u64) < never {
            names.push("…".to_owned());
        }
        (never > 0).then(|| format!("{} never started: {}", grouped(never), names.join(", ")))
    };
    let good = last_good.map(|(id, at)| {
        view! {
            <span>
                "Last run that ended well: "
                <a class="link" href=place.flow_run(id)>
                    <OnDay at clock />
                </a>
            </span>
        }
    });
    let said = |text: String| view! { <span>{text}</span> };
    view! {
        {move || broken().map(said)}
        {move || never().map(said)}
        {good}
    }
    .into_any()
}
