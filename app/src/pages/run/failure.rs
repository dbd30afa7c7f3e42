//! Why the run failed: the first error, how many task runs failed, and the last successful run.

use leptos::prelude::*;
use model::{
    id::FlowRunId,
    screen::{FailedTask, Failure, LinePage, RunView, TaskCount},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::{
    live_run::LiveRun,
    view::{RunTab, task_fragment, view_query},
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
        let state = run.head.with_untracked(|head| head.state.clone());
        let state = state.map_or((StateType::Failed, "Failed".to_owned()), |state| (state.state_type, state.name));
        let page = workspace.flow_run_path(run.head.with_untracked(|head| head.id));
        let log_href = line.map(|line| {
            // The lines before it stay visible, so the level changes only if it would hide the line.
            let around = RunView { level: view.level.min(ERROR_LEVEL), lines: LinePage::Around(line), ..view };
            format!("{page}{}#log-{}", view_query(RunTab::Logs, around), line.id)
        });
        let heading = move || {
            let task = task_run.map(|task| {
                let href = task_href(&task, workspace, &page, view);
                let no_scroll = task.subflow.is_none().then_some("");
                view! {
                    " in "
                    <a class="link" href=href data-noscroll=no_scroll>
                        {task.name}
                    </a>
                }
            });
            view! { "First error, at " <TimeOfDay at clock /> {task} }
        };
        // Old clients send no message with a state.
        let message = if message.is_empty() { "No message was sent with the state.".to_owned() } else { message };
        Some(
            view! {
                <FirstError state heading message log_href=log_href.unwrap_or_default()>
                    <FailureContext run workspace last_good />
                </FirstError>
            }
            .into_any(),
        )
    }
}

/// The subflow run that the task run represents, or its row, which is among the first ones.
fn task_href(task: &FailedTask, workspace: WorkspaceRef, page: &str, view: RunView) -> String {
    match task.subflow {
        Some(subflow) => workspace.flow_run_path(subflow),
        None => {
            let query = view_query(RunTab::TaskRuns, RunView { tasks_after: 0, ..view });
            format!("{page}{query}#{}", task_fragment(task.id))
        }
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
                "Last successful run: "
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
