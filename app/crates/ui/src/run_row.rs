//! The rows of flow runs and task runs in lists.

use leptos::prelude::*;
use model::state::StateType;

use crate::{
    chip::Chips,
    list::{Columns, Row},
    number::counted,
    state::{StateGlyph, StateWord},
};

/// A flow run in a list.
#[component]
pub fn FlowRunRow(
    #[prop(into)] href: String,
    #[prop(into)] flow: String,
    #[prop(into)] name: String,
    /// Type and name of its state; `None` before the first state.
    state: Option<(StateType, String)>,
    /// The time: "Started 1m ago".
    #[prop(into)]
    when: ViewFnOnce,
    tags: Vec<String>,
    /// How many task runs it has; `None` shows no number.
    tasks: Option<u64>,
    /// How long it took, or "not started".
    #[prop(into)]
    took: ViewFnOnce,
    /// What the row cuts or shortens, in full: names, times, tags. It is the link's title, because the link covers the row.
    #[prop(into)]
    title: Signal<String>,
    /// Whether to highlight the row, because it was just added or changed.
    #[prop(optional)]
    fresh: bool,
) -> impl IntoView {
    view! {
        <Row columns=Columns::FlowRuns two=true fresh>
            <RunStateGlyph state=state.clone() />
            <div class="cut">
                <a class="cut name" href=href title=move || title.get()>
                    <span class="of">
                        <span class="cut">{flow}</span>
                        " / "
                    </span>
                    <span class="cut">{name}</span>
                </a>
                <div class="meta">
                    <RunStateWord state />
                    <span>{when.run()}</span>
                </div>
            </div>
            <span class="hide-s">
                <Chips tags most=2 />
            </span>
            <span class="num t2 hide-s tasks">{tasks.map(|tasks| counted(tasks, "task", "tasks"))}</span>
            <span class="num mono">{took.run()}</span>
        </Row>
    }
}

/// A task run in a list.
#[component]
pub fn TaskRunRow(
    #[prop(into)] name: String,
    /// The page that the row leads to.
    #[prop(optional_no_strip)]
    href: Option<String>,
    /// The fragment of links to the row.
    #[prop(optional, into)]
    id: Option<String>,
    state: Option<(StateType, String)>,
    /// The state's message, or another short text.
    #[prop(optional, into)]
    message: String,
    /// When it started.
    #[prop(into)]
    when: ViewFnOnce,
    #[prop(into)] took: ViewFnOnce,
    #[prop(optional)] fresh: bool,
) -> impl IntoView {
    let name = match href {
        Some(href) => view! { <a class="name" href=href>{name}</a> }.into_any(),
        None => view! { <div class="name">{name}</div> }.into_any(),
    };
    view! {
        <Row columns=Columns::TaskRuns fresh id>
            <RunStateGlyph state=state.clone() />
            <div>
                {name}
                <div class="meta only-s">
                    <RunStateWord state=state.clone() />
                </div>
            </div>
            <span class="hide-s">
                <RunStateWord state />
            </span>
            <span class="t3 message">{message}</span>
            <span class="num t3 hide-s">{when.run()}</span>
            <span class="num mono">{took.run()}</span>
        </Row>
    }
}

#[component]
fn RunStateGlyph(state: Option<(StateType, String)>) -> impl IntoView {
    let (state_type, name) = state_or_pending(state);
    view! { <StateGlyph state_type name /> }
}

#[component]
fn RunStateWord(state: Option<(StateType, String)>) -> impl IntoView {
    let (state_type, name) = state_or_pending(state);
    view! { <StateWord state_type name /> }
}

/// A run without a state is shown as pending.
fn state_or_pending(state: Option<(StateType, String)>) -> (StateType, String) {
    state.unwrap_or_else(|| (StateType::Pending, "No state yet".to_owned()))
}
