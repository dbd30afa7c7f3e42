//! The chart of the first run: a flag marks now on the axis; past runs are left of it, planned runs right.

use leptos::prelude::*;
use model::state::StateType;

use crate::state::Silhouette;

/// The first run.
#[derive(Clone, PartialEq, Debug)]
pub struct FirstRun {
    pub state_type: StateType,
    pub state_name: String,
    /// Its duration so far: "0.4s".
    pub took: String,
}

const NOW: f64 = 168.6;
const STEP: f64 = 22.0;

/// The chart. Without a run, an outline marks its future position. `at` is the time below the flag.
#[component]
pub fn NowChart(#[prop(into)] at: Signal<String>, run: Option<FirstRun>) -> impl IntoView {
    let label = run
        .as_ref()
        .map_or_else(|| "No runs yet".to_owned(), |run| format!("One run, {}", run.state_name.to_lowercase()));
    // Marks for empty hours left and right of now, except at the position of the run.
    let run_hour = if run.is_some() { -1 } else { 1 };
    let gaps = (-7..=5).filter(|hour| *hour != 0 && *hour != run_hour).map(|hour| {
        let x = NOW + f64::from(hour) * STEP + if hour < 0 { 7.0 } else { 0.0 };
        view! { <rect class="gap" x=format!("{x:.1}") y="180.5" width="10" height="2" rx="1" /> }
    });
    let first = match run {
        None => view! {
            <rect class="to-come" x="191.3" y="122" width="8.6" height="60" rx="1.5" />
            <text x="208.6" y="154">"your first run"</text>
        }
        .into_any(),
        Some(FirstRun { state_type, state_name, took }) => view! {
            <g class=Silhouette::of(state_type, &state_name).class()>
                <rect class="bar-b" x="153.6" y="120" width="10" height="62" rx="1.5" />
            </g>
            <text class="took" x="146.6" y="150" text-anchor="end">{took}</text>
        }
        .into_any(),
    };
    view! {
        <svg class="now-chart" viewBox="0 0 301 222" role="img" aria-label=label>
            {gaps.collect_view()}
            {first}
            <path class="axis" d="M0 184H301" />
            <path class="now" d="M168.6 6V192" />
            <path class="flag" d="M168.6 6h33a2 2 0 0 1 1.97 2.34l-1.4 8a2 2 0 0 1-1.97 1.66H168.6z" />
            <text class="nowt" x="173.6" y="15.5">"Now"</text>
            <text x="168.6" y="208" text-anchor="middle">{move || at.get()}</text>
        </svg>
    }
}
