//! What the page shows, as it goes on changing: news are worked into what was read at first.

use std::{cmp::Reverse, collections::HashSet};

use leptos::prelude::*;
use model::{
    id::TaskRunId,
    live::{LinesNews, RunNews, TasksNews},
    screen::{MOST_COUNTED, RunHead, RunLine, RunScreen, StateLine, TASKS_A_PAGE, TaskCount, TaskRow},
    state::StateType,
};

/// The most log lines that stand on the page; while following, the oldest make room.
const MOST_LINES: usize = 1_000;

/// A task run that can change while it stands.
#[derive(Clone)]
pub struct LiveTask {
    pub id: TaskRunId,
    pub row: ArcRwSignal<TaskRow>,
    /// It came while the page was open.
    pub fresh: bool,
}

/// The run, as it is shown.
#[derive(Clone, Copy)]
pub struct Shown {
    pub head: RwSignal<RunHead>,
    pub states: RwSignal<Vec<StateLine>>,
    pub lines: RwSignal<Vec<RunLine>>,
    pub lines_total: RwSignal<u64>,
    /// Lines before the page; while following, before those that are left of it. None if they are more than are counted.
    pub lines_before: RwSignal<Option<u64>>,
    /// Whether the page is the end of the log: then new lines are put to it.
    pub at_end: bool,
    pub lines_more: bool,
    pub tasks: RwSignal<Vec<LiveTask>>,
    pub tasks_total: RwSignal<u64>,
    pub tasks_before: u64,
    pub tasks_more: RwSignal<bool>,
    /// Counts by state.
    pub task_counts: RwSignal<Vec<TaskCount>>,
}

impl Shown {
    /// The screen as it was read.
    pub fn new(screen: RunScreen) -> Self {
        let tasks_total = screen.tasks.total();
        let mut tasks: Vec<_> = screen.tasks.rows.into_iter().map(|row| live_task(row, false)).collect();
        sort_tasks(&mut tasks);
        Self {
            head: RwSignal::new(screen.head),
            states: RwSignal::new(screen.states),
            lines: RwSignal::new(screen.lines.lines),
            lines_total: RwSignal::new(screen.lines.total),
            lines_before: RwSignal::new(screen.lines.before),
            at_end: !screen.lines.more,
            lines_more: screen.lines.more,
            tasks: RwSignal::new(tasks),
            tasks_total: RwSignal::new(tasks_total),
            tasks_before: screen.tasks.before,
            tasks_more: RwSignal::new(screen.tasks.more),
            task_counts: RwSignal::new(screen.tasks.counts),
        }
    }

    /// Works news in.
    pub fn apply(self, news: RunNews) {
        if let Some(head) = news.head {
            self.head.set(head);
        }
        if let Some(states) = news.states {
            self.states.set(states);
        }
        if let Some(lines) = news.lines {
            self.lines_total.set(lines.total);
            if self.at_end {
                let total = lines.total;
                let mut shown = self.lines.get_untracked();
                add_lines(&mut shown, lines);
                let before = total.saturating_sub(shown.len() as u64);
                self.lines_before.set((total < MOST_COUNTED.unsigned_abs()).then_some(before));
                self.lines.set(shown);
            }
        }
        if let Some(tasks) = news.tasks {
            self.apply_tasks(tasks);
        }
    }

    fn apply_tasks(self, news: TasksNews) {
        self.tasks_total.set(news.counts.iter().map(|count| count.runs).sum());
        self.task_counts.set(news.counts);
        let mut tasks = self.tasks.get_untracked();
        for row in news.rows {
            match tasks.iter().find(|shown| shown.id == row.id) {
                Some(shown) => shown.row.set(row),
                // A run that is not on this page belongs to the end of the list, unless that is another page.
                None if self.tasks_more.get_untracked() => {}
                None if tasks.len() >= TASKS_A_PAGE => self.tasks_more.set(true),
                None => tasks.push(live_task(row, true)),
            }
        }
        sort_tasks(&mut tasks);
        self.tasks.set(tasks);
    }
}

fn live_task(row: TaskRow, fresh: bool) -> LiveTask {
    LiveTask { id: row.id, row: ArcRwSignal::new(row), fresh }
}

/// What broke first, then what works, then what is to come, then what is done; the latest first among those that ended.
fn sort_tasks(tasks: &mut [LiveTask]) {
    tasks.sort_by_key(|task| {
        task.row.with_untracked(|row| {
            let rank = row.state.as_ref().map_or(3, |(state_type, _)| rank(*state_type));
            (rank, Reverse(row.ended), row.sort_time, row.id)
        })
    });
}

fn rank(state_type: StateType) -> u8 {
    match state_type {
        StateType::Failed | StateType::Crashed => 0,
        StateType::Running | StateType::Cancelling => 1,
        StateType::Paused => 2,
        StateType::Scheduled | StateType::Pending => 3,
        StateType::Cancelled => 4,
        StateType::Completed => 5,
    }
}

/// Puts lines where they belong in time; those that are there already are left out.
fn add_lines(shown: &mut Vec<RunLine>, news: LinesNews) {
    if news.gap {
        shown.clear();
    }
    let known: HashSet<_> = shown.iter().map(|line| line.id).collect();
    shown.extend(news.lines.into_iter().filter(|line| !known.contains(&line.id)));
    shown.sort_by_key(|line| (line.at, line.id));
    let room = shown.len().saturating_sub(MOST_LINES);
    shown.drain(..room);
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use model::{
        live::LinesNews,
        screen::{RunLine, TaskRow},
        state::StateType,
        time::Timestamp,
    };

    use super::{MOST_LINES, add_lines, live_task, sort_tasks};

    fn line(number: usize, at: usize) -> RunLine {
        RunLine {
            id: format!("{number:032x}").parse().unwrap(),
            level: 20,
            at: Timestamp::from_micros(at as i64),
            message: number.to_string(),
            task_run: None,
        }
    }

    fn messages(lines: &[RunLine]) -> Vec<&str> {
        lines.iter().map(|line| line.message.as_str()).collect()
    }

    fn news(lines: Vec<RunLine>, gap: bool) -> LinesNews {
        LinesNews { lines, total: 0, gap }
    }

    #[test]
    fn late_lines_stand_where_they_were_written_and_none_stands_twice() {
        let mut shown = vec![line(1, 10), line(3, 30)];
        add_lines(&mut shown, news(vec![line(2, 20), line(3, 30), line(4, 40)], false));
        assert_eq!(messages(&shown), ["1", "2", "3", "4"]);
    }

    #[test]
    fn old_lines_make_room_and_a_gap_is_not_glossed_over() {
        let mut shown = vec![line(0, 0)];
        add_lines(&mut shown, news((1..=MOST_LINES).map(|number| line(number, number)).collect(), false));
        assert_eq!((shown.len(), messages(&shown)[0]), (MOST_LINES, "1"));
        add_lines(&mut shown, news(vec![line(5_000, 5_000)], true));
        assert_eq!(messages(&shown), ["5000"]);
    }

    #[test]
    fn what_broke_stands_first() {
        let task = |number: usize, state: StateType, ended: Option<i64>| {
            let row = TaskRow {
                id: format!("{number:032x}").parse().unwrap(),
                name: number.to_string(),
                state: Some((state, state.default_name().to_owned())),
                message: None,
                run_count: 1,
                started: None,
                ended: ended.map(Timestamp::from_micros),
                sort_time: Timestamp::from_micros(number as i64),
            };
            live_task(row, false)
        };
        let mut tasks = [
            task(1, StateType::Completed, Some(10)),
            task(2, StateType::Completed, Some(20)),
            task(3, StateType::Pending, None),
            task(4, StateType::Running, None),
            task(5, StateType::Failed, Some(15)),
        ];
        sort_tasks(&mut tasks);
        let names: Vec<_> = tasks.iter().map(|task| task.row.get_untracked().name).collect();
        assert_eq!(names, ["5", "4", "3", "2", "1"]);
    }
}
