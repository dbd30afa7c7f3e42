//! A page of the task runs by rank, and how news change it in place.

use std::cmp::Reverse;

use leptos::prelude::*;
use model::{
    id::TaskRunId,
    screen::{TASKS_A_PAGE, TaskRow},
    state::StateType,
    time::Timestamp,
};

/// A task run that can change while it stands.
#[derive(Clone)]
pub struct LiveTask {
    pub id: TaskRunId,
    pub row: ArcRwSignal<TaskRow>,
    /// It came while the page was open.
    pub fresh: bool,
}

impl LiveTask {
    fn read(row: TaskRow) -> Self {
        Self { id: row.id, row: ArcRwSignal::new(row), fresh: false }
    }

    fn rank(&self) -> Rank {
        self.row.with_untracked(rank)
    }
}

/// What news did to a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    Whole,
    /// Rows fell off its end, to the next page.
    Overflowed,
    /// Task runs that are not known here may belong on it.
    Stale,
}

/// What broke first, then what works, then what is to come, then what is done; the latest first among those that ended.
type Rank = (u8, Reverse<Option<Timestamp>>, Timestamp, TaskRunId);

fn rank(row: &TaskRow) -> Rank {
    let state = match row.state {
        Some((StateType::Failed | StateType::Crashed, _)) => 0,
        Some((StateType::Running | StateType::Cancelling, _)) => 1,
        Some((StateType::Paused, _)) => 2,
        Some((StateType::Scheduled | StateType::Pending, _)) | None => 3,
        Some((StateType::Cancelled, _)) => 4,
        Some((StateType::Completed, _)) => 5,
    };
    (state, Reverse(row.ended), row.sort_time, row.id)
}

/// A page as it was read. Beyond what the server ranks it comes in the order of start.
pub fn page(rows: Vec<TaskRow>) -> Vec<LiveTask> {
    let mut tasks: Vec<_> = rows.into_iter().map(LiveTask::read).collect();
    tasks.sort_by_key(LiveTask::rank);
    tasks
}

/// Works news into a page that begins after `before` others; whether `more` follow is known. Those that are not shown stand below its
/// last row or above its first, and nobody here knows which: between these two alone the order is certain.
pub fn apply(tasks: &mut Vec<LiveTask>, news: Vec<TaskRow>, before: u64, more: bool) -> Applied {
    let (is_first, end) = (before == 0, tasks.last().map(LiveTask::rank).filter(|_| more));
    let start = tasks.first().map(LiveTask::rank).filter(|_| !is_first);
    let mut stale = false;
    for row in news {
        let is_within = end.is_none_or(|end| rank(&row) <= end);
        match tasks.iter().find(|shown| shown.id == row.id) {
            Some(shown) => shown.row.set(row),
            None if is_first && is_within => tasks.push(LiveTask { fresh: true, ..LiveTask::read(row) }),
            // It was below the page and still is.
            None if is_first => {}
            // Whether it changed its side, and moved the whole page by that, can't be told.
            None => stale = true,
        }
    }
    tasks.sort_by_key(LiveTask::rank);
    let overflows = tasks.len() > TASKS_A_PAGE;
    tasks.truncate(TASKS_A_PAGE);
    let sank = end.is_some_and(|end| tasks.last().is_some_and(|last| last.rank() > end));
    let rose = start.is_some_and(|start| tasks.first().is_some_and(|first| first.rank() < start));
    if stale || sank || rose {
        Applied::Stale
    } else if overflows {
        Applied::Overflowed
    } else {
        Applied::Whole
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use model::{
        screen::{TASKS_A_PAGE, TaskRow},
        state::StateType::{self, Completed, Failed, Pending, Running},
        time::Timestamp,
    };

    use super::{Applied, LiveTask, apply, page};

    fn task(number: usize, state: StateType) -> TaskRow {
        let at = Timestamp::from_micros(number as i64);
        TaskRow {
            id: format!("{number:032x}").parse().unwrap(),
            name: number.to_string(),
            state: Some((state, state.default_name().to_owned())),
            message: None,
            run_count: 1,
            started: None,
            ended: state.is_terminal().then_some(at),
            sort_time: at,
        }
    }

    fn full() -> Vec<LiveTask> {
        page((0..TASKS_A_PAGE).map(|number| task(number, Pending)).collect())
    }

    fn names(tasks: &[LiveTask]) -> Vec<String> {
        tasks.iter().map(|task| task.row.read_untracked().name.clone()).collect()
    }

    #[test]
    fn what_broke_stands_first() {
        let mut tasks = Vec::new();
        let news = vec![task(1, Completed), task(2, Completed), task(3, Pending), task(4, Running), task(5, Failed)];
        assert_eq!(apply(&mut tasks, news, 0, false), Applied::Whole);
        assert_eq!(names(&tasks), ["5", "4", "3", "2", "1"]);
        assert!(tasks.iter().all(|task| task.fresh));
    }

    #[test]
    fn one_of_the_next_page_that_breaks_comes_to_the_top_of_a_full_first_page() {
        let mut tasks = full();
        assert_eq!(apply(&mut tasks, vec![task(900, Failed)], 0, true), Applied::Overflowed);
        assert_eq!((tasks.len(), names(&tasks)[0].as_str()), (TASKS_A_PAGE, "900"));
        assert_eq!(names(&tasks)[TASKS_A_PAGE - 1], (TASKS_A_PAGE - 2).to_string());
    }

    #[test]
    fn one_that_stays_below_the_page_changes_nothing() {
        let mut tasks = page(vec![task(1, Running), task(2, Pending)]);
        assert_eq!(apply(&mut tasks, vec![task(9, Completed)], 0, true), Applied::Whole);
        assert_eq!(names(&tasks), ["1", "2"]);
        assert_eq!(apply(&mut tasks, vec![task(9, Completed)], 0, false), Applied::Whole);
        assert_eq!(names(&tasks), ["1", "2", "9"]);
    }

    #[test]
    fn a_row_that_sinks_below_the_last_makes_the_page_stale_unless_it_is_pushed_off() {
        for (more, applied) in [(true, Applied::Stale), (false, Applied::Whole)] {
            let mut tasks = page(vec![task(1, Running), task(2, Pending)]);
            assert_eq!(apply(&mut tasks, vec![task(1, Completed)], 0, more), applied);
            assert_eq!(names(&tasks), ["2", "1"]);
        }
        let mut tasks = full();
        let news = vec![task(0, Completed), task(900, Failed)];
        assert_eq!(apply(&mut tasks, news, 0, true), Applied::Overflowed);
        assert_eq!((tasks.len(), names(&tasks)[1].as_str()), (TASKS_A_PAGE, "1"));
    }

    #[test]
    fn a_later_page_is_certain_only_of_what_stays_on_it() {
        let later = |news| {
            let mut tasks = page(vec![task(1, Running), task(2, Pending), task(3, Pending)]);
            (apply(&mut tasks, vec![news], 200, true), names(&tasks).join(" "))
        };
        assert_eq!(later(task(2, Running)), (Applied::Whole, "1 2 3".to_owned()));
        for news in [task(1, Failed), task(9, Failed), task(9, Completed), task(9, Running), task(2, Completed)] {
            assert_eq!(later(news).0, Applied::Stale);
        }
    }
}
