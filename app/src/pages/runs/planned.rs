//! The planned runs: one line above the list, which unfolds to the next ones.

use leptos::prelude::*;
use model::{
    screen::{PlannedRuns, RunFilter, Since},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use super::{list_query::RunListQuery, live_list::LiveRunList, rows::run_row};
use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// The line, if there are planned runs. It is unfolded if the list is empty.
#[component]
pub fn PlannedFold(runs: LiveRunList, since: Since, workspace: WorkspaceRef) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    let planned = runs.planned;
    let open = runs.rows.with_untracked(Vec::is_empty);
    let rest = StoredValue::new(rest_path(since, workspace, clock.get_untracked().now));
    move || {
        runs.has_planned.get().then(|| {
            view! {
                <details class="list planned" open=open>
                    <summary>
                        <StateGlyph state_type=StateType::Scheduled name="Scheduled" />
                        <span class="grow">{move || planned.with(|planned| summary(planned, clock.get()))}</span>
                        <Glyph icon=Icon::Down />
                    </summary>
                    <ul aria-label="Next planned runs">
                        {move || {
                            let next = planned.with(|planned| planned.next.clone());
                            next.into_iter().map(|row| run_row(row, false, workspace, clock)).collect_view()
                        }}
                    </ul>
                    {move || planned.with(all).map(|text| view! { <a class="link" href=rest.get_value()>{text}</a> })}
                </details>
            }
            .into_any()
        })
    }
}

/// "20 planned, next 16:49".
fn summary(planned: &PlannedRuns, clock: Clock) -> String {
    let next = planned.next.first().map(|run| planned_time_within(run.sort_time, clock)).unwrap_or_default();
    format!("{} planned, next {next}", capped(planned.total))
}

/// The text of the link to all planned runs, if not all of them are shown.
fn all(planned: &PlannedRuns) -> Option<String> {
    (planned.total > planned.next.len() as u64).then(|| format!("All {} planned runs", capped(planned.total)))
}

/// The list of all planned runs: those that are scheduled for a time after now.
fn rest_path(since: Since, workspace: WorkspaceRef, now: Timestamp) -> String {
    let (from, to) = since.bounds(now);
    let from = from.map_or(now, |from| from.max(now));
    let filter =
        RunFilter { types: vec![StateType::Scheduled], names: Vec::new(), since: Since::Between(Some(from), to) };
    format!("{}{}", workspace.runs_path(), RunListQuery::first_page(&filter))
}

#[cfg(test)]
mod tests {
    use model::{
        screen::{PlannedRuns, Since},
        time::Timestamp,
    };

    use super::{all, rest_path};
    use crate::links::WorkspaceRef;

    #[test]
    fn all_planned_runs_are_linked_if_some_are_hidden() {
        let planned = |total| PlannedRuns { total, next: Vec::new() };
        assert_eq!(all(&planned(0)), None);
        assert_eq!(all(&planned(20)).as_deref(), Some("All 20 planned runs"));
        assert_eq!(all(&planned(10_001)).as_deref(), Some("All 10,000+ planned runs"));
    }

    #[test]
    fn all_planned_runs_are_scheduled_after_now() {
        let id = "0196f5a0-0000-7000-8000-000000000001";
        let workspace = WorkspaceRef { account: id.parse().unwrap(), workspace: id.parse().unwrap() };
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let query = |since| {
            let path = rest_path(since, workspace, moment("2026-11-29T16:07:00Z"));
            path.split_once('?').unwrap().1.to_owned()
        };
        assert_eq!(query(Since::Ever), "state=scheduled&from=2026-11-29T16%3A07%3A00Z");
        let between = Since::Between(Some(moment("2026-11-01T00:00:00Z")), Some(moment("2026-12-01T00:00:00Z")));
        assert_eq!(query(between), "state=scheduled&from=2026-11-29T16%3A07%3A00Z&to=2026-12-01T00%3A00%3A00Z");
    }
}
