//! What the page shows, as it goes on changing: news are worked into what was read at first.

use std::collections::HashSet;

use leptos::prelude::*;
use model::{
    live::{LinesNews, RunNews, TasksNews},
    screen::{MOST_COUNTED, RunHead, RunLine, RunScreen, StateLine, TaskCount},
};

use super::ranked::{Applied, LiveTask, apply, page};

/// The most log lines that stand on the page; while following, the oldest make room.
const MOST_LINES: usize = 1_000;

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
    /// Whether task runs that are not known here may belong among these.
    pub tasks_stale: RwSignal<bool>,
    /// Counts by state.
    pub task_counts: RwSignal<Vec<TaskCount>>,
}

impl Shown {
    /// The screen as it was read.
    pub fn new(screen: RunScreen) -> Self {
        let tasks_total = screen.tasks.total();
        let tasks = page(screen.tasks.rows);
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
            tasks_stale: RwSignal::new(false),
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
        match apply(&mut tasks, news.rows, self.tasks_before, self.tasks_more.get_untracked()) {
            Applied::Whole => {}
            Applied::Overflowed => self.tasks_more.set(true),
            Applied::Stale => self.tasks_stale.set(true),
        }
        self.tasks.set(tasks);
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
    use model::{live::LinesNews, screen::RunLine, time::Timestamp};

    use super::{MOST_LINES, add_lines};

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
}
