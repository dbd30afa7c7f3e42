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
    /// The time: "Started 1m 07s ago".
    #[prop(into)]
    when: ViewFnOnce,
    tags: Vec<String>,
    tasks: u64,
    /// How long it took, or "not started".
    #[prop(into)]
    took: ViewFnOnce,
    /// Whether to highlight the row, because it was just added or changed.
    #[prop(optional)]
    fresh: bool,
) -> impl IntoView {
    let title = format!("{flow} / {name}");
    view! {
        <Row columns=Columns::FlowRuns two=true fresh>
            <RunStateGlyph state=state.clone() />
            <div class="cut">
                <a class="cut name" href=href title=title>
                    <span class="of">{format!("{flow} / ")}</span>
                    {name}
                </a>
                <div class="meta">
                    <RunStateWord state />
                    <span>{when.run()}</span>
                </div>
            </div>
            <span class="hide-s">
                <Chips tags most=3 />
            </span>
            <span class="num t2 hide-s tasks">{counted(tasks, "task", "tasks")}</span>
            <span class="num mono">{took.run()}</span>
        </Row>
    }
}

/// A task run in a list.
#[component]
pub fn TaskRunRow(
    #[prop(into)] name: String,
    state: Option<(StateType, String)>,
    /// The state's message, or another short text.
    #[prop(optional, into)]
    message: String,
    #[prop(into)] took: ViewFnOnce,
    #[prop(optional)] fresh: bool,
) -> impl IntoView {
    view! {
        <Row columns=Columns::TaskRuns fresh>
            <RunStateGlyph state=state.clone() />
            <div>
                <div class="name">{name}</div>
                <div class="meta only-s">
                    <RunStateWord state=state.clone() />
                </div>
            </div>
            <span class="hide-s">
                <RunStateWord state />
            </span>
            <span class="t3 message">{message}</span>
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
