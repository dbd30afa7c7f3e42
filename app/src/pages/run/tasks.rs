//! The task runs of the run: failed ones first, then running ones, then the rest.

use leptos::prelude::*;
use model::{
    screen::{MAX_COUNT, RunView, TaskRow},
    state::StateType,
};
use ui::prelude::*;

use super::{
    linked_row::scroll_to_linked_row,
    live_run::{LiveRun, is_upcoming},
    view::{RunTab, task_fragment, task_page_offsets, view_query},
};
use crate::{
    links::{WorkspacePaths as _, WorkspaceRef},
    live,
};

/// What the tab says while task runs may still come.
const EXPECTED: &str = "Task runs appear here as the flow calls its tasks.";

/// The tab.
#[component]
pub fn TaskRuns(
    run: LiveRun,
    workspace: WorkspaceRef,
    view: RunView,
    /// Reloads the run.
    reload: Callback<()>,
) -> impl IntoView {
    // Only in this tab: the other tabs don't show which task runs are on the page.
    live::refresh_when_stale(run.tasks_stale, reload);
    let clock = expect_context::<Signal<Clock>>();
    let is_empty = Memo::new(move |_| run.tasks.with(Vec::is_empty));
    let subflows = move || {
        let runs = run.subflows.get();
        (runs > 0).then(|| format!("{} {}", capped(runs), if runs == 1 { "subflow run" } else { "subflow runs" }))
    };
    scroll_to_linked_row(view);
    move || {
        if is_empty.get() {
            return view! { <NoTaskRuns run /> }.into_any();
        }
        view! {
            <ResultLine count=run.tasks_total one="task run" many="task runs" most=MAX_COUNT.unsigned_abs()>
                <span class="t2">{subflows}</span>
            </ResultLine>
            <List label="Task runs">
                <For each=move || run.tasks.get() key=|task| task.id let(task)>
                    {move || task_row(task.row.get(), workspace, task.fresh, clock)}
                </For>
            </List>
            {move || pages(run, workspace, view)}
        }
        .into_any()
    }
}

/// A row, which leads to its subflow run if it represents one.
fn task_row(row: TaskRow, workspace: WorkspaceRef, fresh: bool, clock: Signal<Clock>) -> AnyView {
    let TaskRow { id, name, state, message, run_count, started, ended, subflow, .. } = row;
    let href = subflow.map(|subflow| workspace.flow_run_path(subflow));
    let is_done = state.as_ref().is_some_and(|(state_type, _)| *state_type == StateType::Completed);
    let attempt = (run_count > 1).then(|| format!("Attempt {run_count}"));
    let message = message.filter(|message| !message.is_empty() && !is_done);
    let message = [attempt, message].into_iter().flatten().collect::<Vec<_>>().join(". ");
    let took = move || match started {
        Some(start) => view! { <Elapsed start end=ended clock /> }.into_any(),
        None => view! { <span class="t3">"–"</span> }.into_any(),
    };
    let when = move || {
        started.map(|at| {
            view! {
                <span class="sr">"Started "</span>
                <TimeOfDay at clock />
            }
        })
    };
    view! { <TaskRunRow name href id=task_fragment(id) state message when took fresh /> }.into_any()
}

fn pages(run: LiveRun, workspace: WorkspaceRef, view: RunView) -> Option<AnyView> {
    let more = run.tasks_more.get();
    if run.tasks_before == 0 && !more {
        return None;
    }
    let page = workspace.flow_run_path(run.head.with_untracked(|head| head.id));
    let link = |tasks_after| format!("{page}{}", view_query(RunTab::TaskRuns, RunView { tasks_after, ..view }));
    let (previous, next) = task_page_offsets(run.tasks_before, more);
    let (offset, rows) = (run.tasks_before, run.tasks.with(Vec::len) as u64);
    let total = run.tasks_total.get();
    Some(view! { <Pagination offset=Some(offset) rows total most=MAX_COUNT.unsigned_abs() previous=previous.map(link) next=next.map(link) within=true /> }.into_any())
}

#[component]
fn NoTaskRuns(run: LiveRun) -> impl IntoView {
    let texts = move || {
        run.head.with(|head| match &head.state {
            _ if run.tasks_before > 0 => ("No task runs here", "That’s past the last page.", None),
            state if is_upcoming(state.as_ref()) => ("No task runs yet", "The run has not started. ", Some(EXPECTED)),
            Some(state) if state.state_type.is_terminal() => ("No task runs", "This run called no tasks.", None),
            _ => ("No task runs yet", "", Some(EXPECTED)),
        })
    };
    move || {
        let (title, text, expected) = texts();
        view! {
            <Empty title icon=Icon::Check>
                {text}
                {expected.map(|text| view! { <LiveOnly>{text}</LiveOnly> })}
            </Empty>
        }
        .into_any()
    }
}
