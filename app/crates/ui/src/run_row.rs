//! Rows of runs: what one line says about a flow run or a task run.

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
    /// Type and name of its state; none before the first one.
    state: Option<(StateType, String)>,
    /// When: "Started 1m 07s ago".
    #[prop(into)]
    when: ViewFnOnce,
    tags: Vec<String>,
    tasks: u64,
    /// How long it took, or "not started".
    #[prop(into)]
    took: ViewFnOnce,
    /// It just came or changed.
    #[prop(optional)]
    fresh: bool,
) -> impl IntoView {
    let title = format!("{flow} / {name}");
    view! {
        <Row columns=Columns::FlowRuns two=true fresh>
            <Silhouette state=state.clone() />
            <div class="cut">
                <a class="cut name" href=href title=title>
                    <span class="of">{format!("{flow} / ")}</span>
                    {name}
                </a>
                <div class="meta">
                    <Word state />
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
    /// The state's message, or what else is worth a line.
    #[prop(optional, into)]
    message: String,
    #[prop(into)] took: ViewFnOnce,
    #[prop(optional)] fresh: bool,
) -> impl IntoView {
    view! {
        <Row columns=Columns::TaskRuns fresh>
            <Silhouette state=state.clone() />
            <div>
                <div class="name">{name}</div>
                <div class="meta only-s">
                    <Word state=state.clone() />
                </div>
            </div>
            <span class="hide-s">
                <Word state />
            </span>
            <span class="t3 said">{message}</span>
            <span class="num mono">{took.run()}</span>
        </Row>
    }
}

#[component]
fn Silhouette(state: Option<(StateType, String)>) -> impl IntoView {
    let (state_type, name) = or_created(state);
    view! { <StateGlyph state_type name /> }
}

#[component]
fn Word(state: Option<(StateType, String)>) -> impl IntoView {
    let (state_type, name) = or_created(state);
    view! { <StateWord state_type name /> }
}

/// A run before its first state waits for one.
fn or_created(state: Option<(StateType, String)>) -> (StateType, String) {
    state.unwrap_or_else(|| (StateType::Pending, "No state yet".to_owned()))
}
