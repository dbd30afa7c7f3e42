//! The order of task runs on the page, and how updates change a page in place.

use std::cmp::Reverse;

use leptos::prelude::*;
use model::{
    id::TaskRunId,
    screen::{TASKS_PER_PAGE, TaskRow},
    time::Timestamp,
};

/// A task run on the page, whose row updates change.
#[derive(Clone)]
pub struct LiveTask {
    pub id: TaskRunId,
    pub row: ArcRwSignal<TaskRow>,
    /// It was added while the page was open.
    pub fresh: bool,
}

impl LiveTask {
    fn new(row: TaskRow) -> Self {
        Self { id: row.id, row: ArcRwSignal::new(row), fresh: false }
    }

    fn rank(&self) -> Rank {
        self.row.with_untracked(rank)
    }
}

/// The state of the page after an update.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskPageChange {
    /// The page has all of its rows.
    Complete,
    /// Rows at its end moved to the next page.
    Overflowed,
    /// Task runs that the browser doesn't have may belong on the page.
    Stale,
}

/// Sort key: the server's rank of the state; among ended ones the latest first.
type Rank = (u8, Reverse<Option<Timestamp>>, Timestamp, TaskRunId);

fn rank(row: &TaskRow) -> Rank {
    (row.rank, Reverse(row.ended), row.sort_time, row.id)
}

/// The loaded rows in the order of rank; the server sorts them by start beyond the number of task runs that it ranks.
pub fn sorted_page(rows: Vec<TaskRow>) -> Vec<LiveTask> {
    let mut tasks: Vec<_> = rows.into_iter().map(LiveTask::new).collect();
    tasks.sort_by_key(LiveTask::rank);
    tasks
}

/// Applies changed rows to a page at offset `before`; `more` says whether a next page exists. Task runs that are not on the page rank
/// below its last row or above its first, and the browser does not know which: the order is certain only between these two rows.
pub fn apply_rows(tasks: &mut Vec<LiveTask>, changed: Vec<TaskRow>, before: u64, more: bool) -> TaskPageChange {
    let (is_first, end) = (before == 0, tasks.last().map(LiveTask::rank).filter(|_| more));
    let start = tasks.first().map(LiveTask::rank).filter(|_| !is_first);
    let mut stale = false;
    for row in changed {
        let is_within = end.is_none_or(|end| rank(&row) <= end);
        match tasks.iter().find(|task| task.id == row.id) {
            Some(task) => task.row.set(row),
            None if is_first && is_within => tasks.push(LiveTask { fresh: true, ..LiveTask::new(row) }),
            // It belongs below the page, before and after the change.
            None if is_first => {}
            // It may have moved from one side of this page to the other, which would shift the page by one row.
            None => stale = true,
        }
    }
    tasks.sort_by_key(LiveTask::rank);
    let overflowed = tasks.len() > TASKS_PER_PAGE;
    tasks.truncate(TASKS_PER_PAGE);
    let last_fell = end.is_some_and(|end| tasks.last().is_some_and(|last| last.rank() > end));
    let first_rose = start.is_some_and(|start| tasks.first().is_some_and(|first| first.rank() < start));
    if stale || last_fell || first_rose {
        TaskPageChange::Stale
    } else if overflowed {
        TaskPageChange::Overflowed
    } else {
        TaskPageChange::Complete
    }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use model::{
        screen::{TASKS_PER_PAGE, TaskRow},
        state::StateType::{self, Completed, Failed, Pending, Running},
        time::Timestamp,
    };

    use super::{LiveTask, TaskPageChange, apply_rows, sorted_page};

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
            rank: match state {
                Failed => 0,
                Running => 1,
                Pending => 3,
                _ => 5,
            },
            sort_time: at,
            subflow: None,
        }
    }

    fn full() -> Vec<LiveTask> {
        sorted_page((0..TASKS_PER_PAGE).map(|number| task(number, Pending)).collect())
    }

    fn names(tasks: &[LiveTask]) -> Vec<String> {
        tasks.iter().map(|task| task.row.read_untracked().name.clone()).collect()
    }

    #[test]
    fn failed_task_runs_come_first() {
        let mut tasks = Vec::new();
        let changed = vec![task(1, Completed), task(2, Completed), task(3, Pending), task(4, Running), task(5, Failed)];
        assert_eq!(apply_rows(&mut tasks, changed, 0, false), TaskPageChange::Complete);
        assert_eq!(names(&tasks), ["5", "4", "3", "2", "1"]);
        assert!(tasks.iter().all(|task| task.fresh));
    }

    #[test]
    fn failed_task_run_moves_to_the_top_of_a_full_first_page() {
        let mut tasks = full();
        assert_eq!(apply_rows(&mut tasks, vec![task(900, Failed)], 0, true), TaskPageChange::Overflowed);
        assert_eq!((tasks.len(), names(&tasks)[0].as_str()), (TASKS_PER_PAGE, "900"));
        assert_eq!(names(&tasks)[TASKS_PER_PAGE - 1], (TASKS_PER_PAGE - 2).to_string());
    }

    #[test]
    fn task_run_below_the_page_changes_nothing() {
        let mut tasks = sorted_page(vec![task(1, Running), task(2, Pending)]);
        assert_eq!(apply_rows(&mut tasks, vec![task(9, Completed)], 0, true), TaskPageChange::Complete);
        assert_eq!(names(&tasks), ["1", "2"]);
        assert_eq!(apply_rows(&mut tasks, vec![task(9, Completed)], 0, false), TaskPageChange::Complete);
        assert_eq!(names(&tasks), ["1", "2", "9"]);
    }

    #[test]
    fn row_that_falls_below_the_last_makes_the_page_stale() {
        for (more, applied) in [(true, TaskPageChange::Stale), (false, TaskPageChange::Complete)] {
            let mut tasks = sorted_page(vec![task(1, Running), task(2, Pending)]);
            assert_eq!(apply_rows(&mut tasks, vec![task(1, Completed)], 0, more), applied);
            assert_eq!(names(&tasks), ["2", "1"]);
        }
        let mut tasks = full();
        let changed = vec![task(0, Completed), task(900, Failed)];
        assert_eq!(apply_rows(&mut tasks, changed, 0, true), TaskPageChange::Overflowed);
        assert_eq!((tasks.len(), names(&tasks)[1].as_str()), (TASKS_PER_PAGE, "1"));
    }

    #[test]
    fn later_page_is_stale_unless_the_row_stays_on_it() {
        let later = |changed| {
            let mut tasks = sorted_page(vec![task(1, Running), task(2, Pending), task(3, Pending)]);
            (apply_rows(&mut tasks, vec![changed], 200, true), names(&tasks).join(" "))
        };
        assert_eq!(later(task(2, Running)), (TaskPageChange::Complete, "1 2 3".to_owned()));
        for changed in [task(1, Failed), task(9, Failed), task(9, Completed), task(9, Running), task(2, Completed)] {
            assert_eq!(later(changed).0, TaskPageChange::Stale);
        }
    }
}
