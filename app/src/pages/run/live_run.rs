//! The data of the page as signals, and how updates change it.

use std::collections::HashSet;

use leptos::prelude::*;
use model::{
    screen::{LogLinesUpdate, MAX_COUNT, RunHead, RunLine, RunScreen, RunUpdate, StateLine, TaskCount, TaskRunsUpdate},
    state::StateType,
};

use super::task_order::{LiveTask, TaskPageChange, apply_rows, sorted_page};

/// At most this many log lines are on the page; when new ones arrive, the oldest are removed.
const MAX_LINES: usize = 1_000;

/// The run as signals, which updates change.
#[derive(Clone, Copy)]
pub struct LiveRun {
    pub head: RwSignal<RunHead>,
    pub states: RwSignal<Vec<StateLine>>,
    pub lines: RwSignal<Vec<RunLine>>,
    pub lines_total: RwSignal<u64>,
    /// Lines before the first one on the page. None if they are more than are counted.
    pub lines_before: RwSignal<Option<u64>>,
    /// Whether the page is the last one: then new lines are added to it.
    pub at_end: bool,
    pub lines_more: bool,
    pub tasks: RwSignal<Vec<LiveTask>>,
    pub tasks_total: RwSignal<u64>,
    pub subflows: RwSignal<u64>,
    pub tasks_before: u64,
    pub tasks_more: RwSignal<bool>,
    /// Whether task runs that the browser doesn't have may belong on this page.
    pub tasks_stale: RwSignal<bool>,
    /// Counts by state.
    pub task_counts: RwSignal<Vec<TaskCount>>,
}

impl LiveRun {
    /// With the data that was loaded.
    pub fn new(screen: RunScreen) -> Self {
        let tasks_total = screen.tasks.total();
        let tasks = sorted_page(screen.tasks.rows);
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
            subflows: RwSignal::new(screen.tasks.subflows),
            tasks_before: screen.tasks.before,
            tasks_more: RwSignal::new(screen.tasks.more),
            tasks_stale: RwSignal::new(false),
            task_counts: RwSignal::new(screen.tasks.counts),
        }
    }

    /// Applies an update.
    pub fn apply(self, update: RunUpdate) {
        if let Some(head) = update.head {
            self.head.set(head);
        }
        if let Some(states) = update.states {
            self.states.set(states);
        }
        if let Some(lines) = update.lines {
            self.lines_total.set(lines.total);
            if self.at_end {
                let total = lines.total;
                let mut visible = self.lines.get_untracked();
                add_lines(&mut visible, lines);
                let before = total.saturating_sub(visible.len() as u64);
                self.lines_before.set((total < MAX_COUNT.unsigned_abs()).then_some(before));
                self.lines.set(visible);
            }
        }
        if let Some(tasks) = update.tasks {
            self.apply_tasks(tasks);
        }
    }

    fn apply_tasks(self, update: TaskRunsUpdate) {
        self.tasks_total.set(update.counts.iter().map(|count| count.runs).sum());
        self.task_counts.set(update.counts);
        self.subflows.set(update.subflows);
        let mut tasks = self.tasks.get_untracked();
        match apply_rows(&mut tasks, update.rows, self.tasks_before, self.tasks_more.get_untracked()) {
            TaskPageChange::Complete => {}
            TaskPageChange::Overflowed => self.tasks_more.set(true),
            TaskPageChange::Stale => self.tasks_stale.set(true),
        }
        self.tasks.set(tasks);
    }
}

/// Inserts lines in the order of time; duplicates are ignored.
fn add_lines(lines: &mut Vec<RunLine>, update: LogLinesUpdate) {
    if update.gap {
        lines.clear();
    }
    let known: HashSet<_> = lines.iter().map(|line| line.id).collect();
    lines.extend(update.lines.into_iter().filter(|line| !known.contains(&line.id)));
    lines.sort_by_key(|line| (line.at, line.id));
    let excess = lines.len().saturating_sub(MAX_LINES);
    lines.drain(..excess);
}

/// Whether the run has ended.
pub fn has_ended(head: &RunHead) -> bool {
    head.state.as_ref().is_some_and(|state| state.state_type.is_terminal())
}

/// Whether the run is scheduled, pending or has no state.
pub fn is_upcoming(state: Option<&StateLine>) -> bool {
    state.is_none_or(|state| matches!(state.state_type, StateType::Scheduled | StateType::Pending))
}

#[cfg(test)]
mod tests {
    use model::{
        screen::{LogLinesUpdate, RunLine},
        time::Timestamp,
    };

    use super::{MAX_LINES, add_lines};

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

    fn update(lines: Vec<RunLine>, gap: bool) -> LogLinesUpdate {
        LogLinesUpdate { lines, total: 0, gap }
    }

    #[test]
    fn late_lines_are_sorted_in_without_duplicates() {
        let mut lines = vec![line(1, 10), line(3, 30)];
        add_lines(&mut lines, update(vec![line(2, 20), line(3, 30), line(4, 40)], false));
        assert_eq!(messages(&lines), ["1", "2", "3", "4"]);
    }

    #[test]
    fn excess_lines_and_lines_before_a_gap_are_removed() {
        let mut lines = vec![line(0, 0)];
        add_lines(&mut lines, update((1..=MAX_LINES).map(|number| line(number, number)).collect(), false));
        assert_eq!((lines.len(), messages(&lines)[0]), (MAX_LINES, "1"));
        add_lines(&mut lines, update(vec![line(5_000, 5_000)], true));
        assert_eq!(messages(&lines), ["5000"]);
    }
}
