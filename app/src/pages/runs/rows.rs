//! The rows of the list, and how updates change them in workspace.

use leptos::prelude::*;
use model::{
    id::FlowRunId,
    screen::{RUNS_PER_PAGE, RunCursor, RunListUpdate, RunRow},
};
use ui::prelude::*;

use super::row_time::RowTime;
use crate::links::{WorkspacePaths as _, WorkspaceRef};

/// A row of the list, which updates change.
#[derive(Clone)]
pub struct LiveRow {
    pub id: FlowRunId,
    pub row: ArcRwSignal<RunRow>,
    /// It was added while the page was open.
    fresh: bool,
}

impl LiveRow {
    /// A row that was loaded with the page.
    pub fn new(row: RunRow) -> Self {
        Self { id: row.id, row: ArcRwSignal::new(row), fresh: false }
    }
}

/// The state of the page after an update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunPageChange {
    /// The page has all of its rows.
    Complete,
    /// Rows at its end moved to the next page.
    Overflowed,
    /// Rows were removed, and the browser doesn't have the rows of the next page that move up.
    Short,
}

/// Applies an update to the rows, which are sorted newest first. Runs that are not on the page are added only to the first page. If
/// `older` says that older runs exist, the browser does not know which, so no run is added below the last row.
pub fn apply_update(rows: &mut Vec<LiveRow>, update: RunListUpdate, cursor: RunCursor, older: bool) -> RunPageChange {
    let key = |row: &LiveRow| row.row.with_untracked(RunRow::sort_key);
    let (count_before, end) = (rows.len(), rows.last().map(key).filter(|_| older));
    rows.retain(|row| !update.gone.contains(&row.id));
    for row in update.rows {
        match rows.iter().find(|known| known.id == row.id) {
            Some(known) => known.row.set(row),
            None if cursor == RunCursor::Newest => {
                rows.push(LiveRow { id: row.id, row: ArcRwSignal::new(row), fresh: true });
            }
            None => {}
        }
    }
    rows.retain(|row| end.is_none_or(|end| key(row) >= end));
    rows.sort_by_key(|row| std::cmp::Reverse(key(row)));
    let change = if rows.len() > RUNS_PER_PAGE {
        RunPageChange::Overflowed
    } else if older && rows.len() < count_before {
        RunPageChange::Short
    } else {
        RunPageChange::Complete
    };
    rows.truncate(RUNS_PER_PAGE);
    change
}

/// All rows.
#[component]
pub fn Rows(rows: RwSignal<Vec<LiveRow>>, workspace: WorkspaceRef) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    view! {
        <List label="Flow runs">
            <For each=move || rows.get() key=|row| row.id let(row)>
                {move || run_row(row.row.get(), row.fresh, workspace, clock)}
            </For>
        </List>
    }
    .into_any()
}

/// The row of a run.
pub fn run_row(row: RunRow, fresh: bool, workspace: WorkspaceRef, clock: Signal<Clock>) -> AnyView {
    let RunRow { id, flow, name, state, tags, task_runs, expected, started, ended, .. } = row;
    let time = RowTime::new(started, expected);
    let title = title(format!("{flow} / {name}"), time, &tags, clock);
    let when = move || {
        time.map(|time| view! { <time datetime=time.at().to_string()>{move || time.short(clock.get())}</time> })
    };
    let took = move || match started {
        Some(start) => view! { <Elapsed start end=ended clock /> }.into_any(),
        None => view! { <span class="t3 small">"not started"</span> }.into_any(),
    };
    // Before its start a run has no task runs.
    let tasks = (started.is_some() || task_runs > 0).then_some(task_runs);
    view! { <FlowRunRow href=workspace.flow_run_path(id) flow name state when tags tasks took title fresh /> }
        .into_any()
}

/// What a row cuts or shortens, in full.
fn title(names: String, time: Option<RowTime>, tags: &[String], clock: Signal<Clock>) -> Signal<String> {
    let tags = (!tags.is_empty()).then(|| format!("Tags: {}", tags.join(", ")));
    let zone = Memo::new(move |_| clock.get().zone);
    Signal::derive(move || {
        let time = time.map(|time| time.full(zone.get()));
        [Some(names.clone()), time, tags.clone()].into_iter().flatten().collect::<Vec<_>>().join("\n")
    })
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use model::{
        screen::{PlannedRuns, RUNS_PER_PAGE, RunCursor, RunListUpdate, RunRow},
        state::StateType,
        time::Timestamp,
    };

    use super::{LiveRow, RunPageChange, apply_update};

    fn run(number: usize, time: i64, state: StateType) -> RunRow {
        RunRow {
            id: format!("{number:032x}").parse().unwrap(),
            flow: "f".to_owned(),
            name: number.to_string(),
            state: Some((state, state.default_name().to_owned())),
            tags: Vec::new(),
            task_runs: 0,
            expected: None,
            started: None,
            ended: None,
            sort_time: Timestamp::from_micros(time),
        }
    }

    fn update(rows: Vec<RunRow>, gone: Vec<usize>) -> RunListUpdate {
        let gone = gone.into_iter().map(|number| format!("{number:032x}").parse().unwrap()).collect();
        RunListUpdate { rows, gone, total: 0, planned: PlannedRuns::default(), counts: Vec::new() }
    }

    fn names(rows: &[LiveRow]) -> Vec<String> {
        rows.iter().map(|row| row.row.read_untracked().name.clone()).collect()
    }

    fn page() -> Vec<LiveRow> {
        [(2, 20), (1, 10)].map(|(number, time)| LiveRow::new(run(number, time, StateType::Running))).into()
    }

    #[test]
    fn known_runs_change_in_place_and_gone_ones_are_removed() {
        let mut rows = page();
        apply_update(&mut rows, update(vec![run(1, 10, StateType::Completed)], vec![2]), RunCursor::Newest, false);
        assert_eq!(names(&rows), ["1"]);
        assert_eq!(rows[0].row.read_untracked().state.as_ref().map(|(state, _)| *state), Some(StateType::Completed));
    }

    #[test]
    fn new_runs_are_added_to_the_first_page_only() {
        let later = || update(vec![run(3, 15, StateType::Running)], Vec::new());
        let mut rows = page();
        assert_eq!(apply_update(&mut rows, later(), RunCursor::Newest, true), RunPageChange::Complete);
        assert_eq!(names(&rows), ["2", "3", "1"]);
        let mut deeper = page();
        apply_update(&mut deeper, later(), RunCursor::After(run(9, 99, StateType::Running).sort_key()), true);
        assert_eq!(names(&deeper), ["2", "1"]);
    }

    #[test]
    fn runs_older_than_the_last_row_stay_off_a_full_page() {
        let mut rows = page();
        let older = || update(vec![run(3, 5, StateType::Failed)], Vec::new());
        assert_eq!(apply_update(&mut rows, older(), RunCursor::Newest, true), RunPageChange::Complete);
        assert_eq!(names(&rows), ["2", "1"]);
        // A run that moves below the last row that the browser has.
        let moved = update(vec![run(2, 4, StateType::Running)], Vec::new());
        assert_eq!(apply_update(&mut rows, moved, RunCursor::Newest, true), RunPageChange::Short);
        assert_eq!(names(&rows), ["1"]);
        assert_eq!(apply_update(&mut rows, older(), RunCursor::Newest, false), RunPageChange::Complete);
        assert_eq!(names(&rows), ["1", "3"]);
    }

    #[test]
    fn page_that_lost_rows_is_short_if_older_runs_exist() {
        for (older, applied) in [(true, RunPageChange::Short), (false, RunPageChange::Complete)] {
            let mut rows = page();
            assert_eq!(apply_update(&mut rows, update(Vec::new(), vec![1]), RunCursor::Newest, older), applied);
            assert_eq!(names(&rows), ["2"]);
        }
    }

    #[test]
    fn full_page_overflows() {
        let mut rows = Vec::new();
        let many = (0..=RUNS_PER_PAGE).map(|number| run(number, 100 + number as i64, StateType::Pending)).collect();
        assert_eq!(
            apply_update(&mut rows, update(many, Vec::new()), RunCursor::Newest, false),
            RunPageChange::Overflowed
        );
        assert_eq!((rows.len(), names(&rows)[0].as_str()), (RUNS_PER_PAGE, "50"));
    }
}
