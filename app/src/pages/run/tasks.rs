//! The task runs of the run: what broke first, then what works, then the rest.

use leptos::prelude::*;
use model::{
    screen::{MOST_COUNTED, RunView, TaskRow},
    state::StateType,
};
use ui::prelude::*;

use super::{
    detail::is_to_come,
    news::Shown,
    view::{TabOf, query, tasks_around},
};
use crate::{links::Place, live};

/// The tab.
#[component]
pub fn TaskRuns(
    shown: Shown,
    place: Place,
    view: RunView,
    /// Reads the run afresh.
    again: Callback<()>,
) -> impl IntoView {
    // Here alone: the other tabs need not know which task runs stand on this page.
    live::renew(shown.tasks_stale, again);
    let clock = expect_context::<Signal<Clock>>();
    let is_empty = Memo::new(move |_| shown.tasks.with(Vec::is_empty));
    move || {
        if is_empty.get() {
            return view! { <NoTaskRuns shown /> }.into_any();
        }
        view! {
            <ResultLine count=shown.tasks_total one="task run" many="task runs" most=MOST_COUNTED.unsigned_abs() />
            <List label="Task runs">
                <For each=move || shown.tasks.get() key=|task| task.id let(task)>
                    {move || one(task.row.get(), task.fresh, clock)}
                </For>
            </List>
            {move || pages(shown, place, view)}
        }
        .into_any()
    }
}

fn one(row: TaskRow, fresh: bool, clock: Signal<Clock>) -> AnyView {
    let TaskRow { name, state, message, run_count, started, ended, .. } = row;
    let is_done = state.as_ref().is_some_and(|(state_type, _)| *state_type == StateType::Completed);
    let tries = (run_count > 1).then(|| format!("Try {run_count}"));
    let said = message.filter(|message| !message.is_empty() && !is_done);
    let message = [tries, said].into_iter().flatten().collect::<Vec<_>>().join(". ");
    let took = move || match started {
        Some(start) => view! { <Elapsed start end=ended clock /> }.into_any(),
        None => view! { <span class="t3">"–"</span> }.into_any(),
    };
    view! { <TaskRunRow name state message took fresh /> }.into_any()
}

fn pages(shown: Shown, place: Place, view: RunView) -> Option<AnyView> {
    let more = shown.tasks_more.get();
    if shown.tasks_before == 0 && !more {
        return None;
    }
    let page = place.flow_run(shown.head.with_untracked(|head| head.id));
    let link = |tasks_after| format!("{page}{}", query(TabOf::TaskRuns, RunView { tasks_after, ..view }));
    let (previous, next) = tasks_around(shown.tasks_before, more);
    let (offset, rows) = (shown.tasks_before, shown.tasks.with(Vec::len) as u64);
    let total = shown.tasks_total.get();
    Some(view! { <Pagination offset=Some(offset) shown=rows total most=MOST_COUNTED.unsigned_abs() previous=previous.map(link) next=next.map(link) within=true /> }.into_any())
}

#[component]
fn NoTaskRuns(shown: Shown) -> impl IntoView {
    let words = move || {
        shown.head.with(|head| match &head.state {
            _ if shown.tasks_before > 0 => ("No task runs here", "There are not so many.", None),
            state if is_to_come(state.as_ref()) => {
                ("No task runs yet", "The run has not begun. ", Some("Task runs appear as it makes them."))
            }
            Some(state) if state.state_type.is_terminal() => ("No task runs", "The flow called no task.", None),
            _ => ("No task runs yet", "", Some("Task runs appear as the flow calls its tasks.")),
        })
    };
    move || {
        let (title, text, awaited) = words();
        view! {
            <Empty title icon=Icon::Check>
                {text}
                {awaited.map(|words| view! { <Awaited>{words}</Awaited> })}
            </Empty>
        }
        .into_any()
    }
}
