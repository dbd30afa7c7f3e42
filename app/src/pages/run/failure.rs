//! Why the run failed: the first error, how many task runs failed, and the last successful run.

use leptos::prelude::*;
use model::{
    id::FlowRunId,
    screen::{Failure, LinePage, RunView, TaskCount},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::{
    live_run::LiveRun,
    view::{RunTab, view_query},
};
use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// At most this many task runs that never started are named.
const MAX_NAMES: usize = 3;
/// The log level of errors.
const ERROR_LEVEL: i32 = 40;

/// Rendered while the run is in a failed state.
#[component]
pub fn RunFailure(run: LiveRun, workspace: WorkspaceRef, view: RunView) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let failure = Memo::new(move |_| run.head.with(|head| head.failure.clone()));
    move || {
        let Failure { at, task_run, message, line, last_good } = failure.get()?;
        let id = run.head.with_untracked(|head| head.id);
        let log_href = line.map(|line| {
            let errors = RunView { level: ERROR_LEVEL, lines: LinePage::Oldest, ..view };
            format!("{}{}#log-{line}", workspace.flow_run_path(id), view_query(RunTab::Logs, errors))
        });
        let heading = move || {
            let location = task_run.map(|name| format!(" in {name}"));
            view! { "First error, at " <TimeOfDay at clock /> {location} }
        };
        // Old clients send no message with a state.
        let message = if message.is_empty() { "No message was sent with the state.".to_owned() } else { message };
        Some(
            view! {
                <FirstError heading message log_href=log_href.unwrap_or_default()>
                    <FailureContext run workspace last_good />
                </FirstError>
            }
            .into_any(),
        )
    }
}

#[component]
fn FailureContext(run: LiveRun, workspace: WorkspaceRef, last_good: Option<(FlowRunId, Timestamp)>) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let failed = move || {
        let all = run.tasks_total.get();
        let is_failed = |count: &&TaskCount| matches!(count.state_type, Some(StateType::Failed | StateType::Crashed));
        let failed: u64 = run.task_counts.with(|counts| counts.iter().filter(is_failed).map(|count| count.runs).sum());
        let noun = if all == 1 { "task run" } else { "task runs" };
        (all > 0).then(|| format!("{} of {} {noun} failed", grouped(failed), capped(all)))
    };
    let not_started = move || {
        let not_started =
            run.task_counts.with(|counts| counts.iter().map(|count| count.runs - count.begun).sum::<u64>());
        // Only task runs on this page can be named.
        let mut names = run.tasks.with(|tasks| {
            let unstarted =
                tasks.iter().filter(|task| task.row.with(|row| row.started.is_none() && row.ended.is_none()));
            unstarted.take(MAX_NAMES).map(|task| task.row.with(|row| row.name.clone())).collect::<Vec<_>>()
        });
        if (names.len() as u64) < not_started {
            names.push("…".to_owned());
        }
        (not_started > 0).then(|| format!("{} never started: {}", grouped(not_started), names.join(", ")))
    };
    let last_success = last_good.map(|(id, at)| {
        view! {
            <span>
                "Last run that ended well: "
                <a class="link" href=workspace.flow_run_path(id)>
                    <ShortDateTime at clock />
                </a>
            </span>
        }
    });
    let item = |text: String| view! { <span>{text}</span> };
    view! {
        {move || failed().map(item)}
        {move || not_started().map(item)}
        {last_success}
    }
    .into_any()
}
