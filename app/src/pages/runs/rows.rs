//! The rows of the list: what each says, and how news change them in place.

use leptos::prelude::*;
use model::{
    id::FlowRunId,
    live::RunsNews,
    screen::{RUNS_A_PAGE, RunCursor, RunRow},
    state::StateType,
    time::Timestamp,
};
use ui::prelude::*;

use crate::links::Place;

/// A row that can change while it stands.
#[derive(Clone)]
pub struct LiveRow {
    pub id: FlowRunId,
    pub row: ArcRwSignal<RunRow>,
    /// It came while the page was open.
    fresh: bool,
}

impl LiveRow {
    /// A row of the page as it was read.
    pub fn read(row: RunRow) -> Self {
        Self { id: row.id, row: ArcRwSignal::new(row), fresh: false }
    }
}

/// What news did to a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    Whole,
    /// Rows fell off its end, to the next page.
    Overflowed,
    /// Rows went, and those of the next page that take their place are not known here.
    Short,
}

/// Works news into the rows, newest first. Only the first page takes runs in that it does not show. While `older` ones are known to
/// follow, nobody knows which: then no run comes to stand below the last.
pub fn apply(rows: &mut Vec<LiveRow>, news: RunsNews, cursor: RunCursor, older: bool) -> Applied {
    let place = |row: &LiveRow| row.row.with_untracked(RunRow::place);
    let (were, end) = (rows.len(), rows.last().map(place).filter(|_| older));
    rows.retain(|row| !news.gone.contains(&row.id));
    for row in news.rows {
        match rows.iter().find(|shown| shown.id == row.id) {
            Some(shown) => shown.row.set(row),
            None if cursor == RunCursor::Newest => {
                rows.push(LiveRow { id: row.id, row: ArcRwSignal::new(row), fresh: true });
            }
            None => {}
        }
    }
    rows.retain(|row| end.is_none_or(|end| place(row) >= end));
    rows.sort_by_key(|row| std::cmp::Reverse(place(row)));
    let applied = if rows.len() > RUNS_A_PAGE {
        Applied::Overflowed
    } else if older && rows.len() < were {
        Applied::Short
    } else {
        Applied::Whole
    };
    rows.truncate(RUNS_A_PAGE);
    applied
}

/// All rows.
#[component]
pub fn Rows(rows: RwSignal<Vec<LiveRow>>, place: Place) -> impl IntoView {
    let clock = expect_context::<Signal<Clock>>();
    view! {
        <List label="Flow runs">
            <For each=move || rows.get() key=|row| row.id let(row)>
                {move || one(row.row.get(), row.fresh, place, clock)}
            </For>
        </List>
    }
    .into_any()
}

fn one(row: RunRow, fresh: bool, place: Place, clock: Signal<Clock>) -> AnyView {
    let RunRow { id, flow, name, state, tags, task_runs, expected, started, ended, .. } = row;
    let running = state.as_ref().is_some_and(|(state_type, _)| *state_type == StateType::Running);
    let when = move || match (started, expected) {
        (Some(started), _) if running => view! { "Started " <Since at=started clock /> }.into_any(),
        (Some(started), _) => view! { <At at=started clock /> }.into_any(),
        (None, Some(expected)) => view! { <Due at=expected clock /> }.into_any(),
        (None, None) => ().into_any(),
    };
    let took = move || match started {
        Some(start) => view! { <Elapsed start end=ended clock /> }.into_any(),
        None => view! { <span class="t3 small">"not started"</span> }.into_any(),
    };
    view! { <FlowRunRow href=place.flow_run(id) flow name state when tags tasks=task_runs took fresh /> }.into_any()
}

/// When a run is to start, or was: the time of day with the distance, beyond a day the date.
#[component]
fn Due(at: Timestamp, clock: Signal<Clock>) -> impl IntoView {
    const DAY: u64 = 86_400_000_000;
    let said = move || {
        let now = clock.get();
        if at.since(now.now).micros().unsigned_abs() < DAY {
            format!("Due {}, {}", time_of_day(at, now.zone), relative(at, now))
        } else {
            format!("Due {}", moment(at, now))
        }
    };
    view! {
        <time datetime=at.to_string() title=move || in_full(at, clock.get().zone)>
            {said}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use model::{
        live::RunsNews,
        screen::{RUNS_A_PAGE, RunCursor, RunRow},
        state::StateType,
        time::Timestamp,
    };

    use super::{Applied, LiveRow, apply};

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

    fn news(rows: Vec<RunRow>, gone: Vec<usize>) -> RunsNews {
        let gone = gone.into_iter().map(|number| format!("{number:032x}").parse().unwrap()).collect();
        RunsNews { rows, gone, total: 0, counts: Vec::new() }
    }

    fn names(rows: &[LiveRow]) -> Vec<String> {
        rows.iter().map(|row| row.row.read_untracked().name.clone()).collect()
    }

    fn page() -> Vec<LiveRow> {
        [(2, 20), (1, 10)].map(|(number, time)| LiveRow::read(run(number, time, StateType::Running))).into()
    }

    #[test]
    fn a_run_changes_where_it_stands() {
        let mut rows = page();
        apply(&mut rows, news(vec![run(1, 10, StateType::Completed)], vec![2]), RunCursor::Newest, false);
        assert_eq!(names(&rows), ["1"]);
        assert_eq!(rows[0].row.read_untracked().state.as_ref().map(|(state, _)| *state), Some(StateType::Completed));
    }

    #[test]
    fn new_runs_come_to_the_first_page_alone() {
        let later = || news(vec![run(3, 15, StateType::Running)], Vec::new());
        let mut rows = page();
        assert_eq!(apply(&mut rows, later(), RunCursor::Newest, true), Applied::Whole);
        assert_eq!(names(&rows), ["2", "3", "1"]);
        let mut deeper = page();
        apply(&mut deeper, later(), RunCursor::After(run(9, 99, StateType::Running).place()), true);
        assert_eq!(names(&deeper), ["2", "1"]);
    }

    #[test]
    fn what_belongs_to_the_next_page_does_not_come_to_this_one() {
        let mut rows = page();
        let older = || news(vec![run(3, 5, StateType::Failed)], Vec::new());
        assert_eq!(apply(&mut rows, older(), RunCursor::Newest, true), Applied::Whole);
        assert_eq!(names(&rows), ["2", "1"]);
        // A run that goes down the list, beyond what is known of it.
        let moved = news(vec![run(2, 4, StateType::Running)], Vec::new());
        assert_eq!(apply(&mut rows, moved, RunCursor::Newest, true), Applied::Short);
        assert_eq!(names(&rows), ["1"]);
        assert_eq!(apply(&mut rows, older(), RunCursor::Newest, false), Applied::Whole);
        assert_eq!(names(&rows), ["1", "3"]);
    }

    #[test]
    fn a_page_that_lost_rows_to_a_filter_is_short_while_others_follow() {
        for (older, applied) in [(true, Applied::Short), (false, Applied::Whole)] {
            let mut rows = page();
            assert_eq!(apply(&mut rows, news(Vec::new(), vec![1]), RunCursor::Newest, older), applied);
            assert_eq!(names(&rows), ["2"]);
        }
    }

    #[test]
    fn a_full_page_stays_full() {
        let mut rows = Vec::new();
        let many = (0..=RUNS_A_PAGE).map(|number| run(number, 100 + number as i64, StateType::Pending)).collect();
        assert_eq!(apply(&mut rows, news(many, Vec::new()), RunCursor::Newest, false), Applied::Overflowed);
        assert_eq!((rows.len(), names(&rows)[0].as_str()), (RUNS_A_PAGE, "50"));
    }
}
