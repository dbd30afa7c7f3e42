//! The query of the page's URL: the tab, the log level, and the pages of the log lines and task runs.

use leptos_router::params::ParamsMap;
use model::{
    id::TaskRunId,
    screen::{LinePage, LineSortKey, RunView, TASKS_PER_PAGE},
};

use crate::links::{add_to_query, format_cursor, parse_cursor};

/// The tabs below the head.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RunTab {
    #[default]
    Logs,
    TaskRuns,
    States,
    Parameters,
}

impl RunTab {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Logs, Self::TaskRuns, Self::Parameters, Self::States];

    /// Its value in the URL.
    pub fn value(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::TaskRuns => "task-runs",
            Self::States => "states",
            Self::Parameters => "parameters",
        }
    }

    /// The tab of a query; the log lines if there is none.
    pub fn parse(query: &ParamsMap) -> Self {
        let value = query.get_str("tab").unwrap_or_default();
        Self::ALL.into_iter().find(|tab| tab.value() == value).unwrap_or_default()
    }
}

/// The view of a query; invalid values are ignored.
pub fn parse_view(query: &ParamsMap) -> RunView {
    RunView {
        level: query.get_str("level").and_then(|level| level.parse().ok()).unwrap_or_default(),
        lines: query.get_str("lines").and_then(parse_line_page).unwrap_or_default(),
        tasks_after: query.get_str("tasks").and_then(|number| number.parse().ok()).unwrap_or_default(),
    }
}

fn parse_line_page(text: &str) -> Option<LinePage> {
    let line = |text| parse_cursor(text).map(|(at, id)| LineSortKey { at, id });
    match text.split_once(':') {
        None if text == "oldest" => Some(LinePage::Oldest),
        None if text == "newest" => Some(LinePage::Newest),
        Some(("after", cursor)) => line(cursor).map(LinePage::After),
        Some(("before", cursor)) => line(cursor).map(LinePage::Before),
        Some(("around", cursor)) => line(cursor).map(LinePage::Around),
        _ => None,
    }
}

fn format_line_page(lines: LinePage) -> Option<String> {
    let line = |side, LineSortKey { at, id }| format!("{side}:{}", format_cursor(at, id));
    match lines {
        LinePage::Auto => None,
        LinePage::Oldest => Some("oldest".to_owned()),
        LinePage::Newest => Some("newest".to_owned()),
        LinePage::After(cursor) => Some(line("after", cursor)),
        LinePage::Before(cursor) => Some(line("before", cursor)),
        LinePage::Around(cursor) => Some(line("around", cursor)),
    }
}

/// The query of a tab and a view; empty for the defaults.
pub fn view_query(tab: RunTab, view: RunView) -> String {
    let mut query = String::new();
    if tab != RunTab::Logs {
        add_to_query(&mut query, "tab", tab.value());
    }
    if view.level != 0 {
        add_to_query(&mut query, "level", &view.level.to_string());
    }
    if let Some(lines) = format_line_page(view.lines) {
        add_to_query(&mut query, "lines", &lines);
    }
    if view.tasks_after != 0 {
        add_to_query(&mut query, "tasks", &view.tasks_after.to_string());
    }
    query
}

/// The fragment of links to a task run's row.
pub fn task_fragment(id: TaskRunId) -> String {
    format!("task-{id}")
}

/// The offsets of the previous and the next page of task runs, around the page at offset `before`.
pub fn task_page_offsets(before: u64, more: bool) -> (Option<u32>, Option<u32>) {
    let page = TASKS_PER_PAGE as u64;
    let offset = |offset: u64| u32::try_from(offset).ok();
    let previous = (before > 0).then(|| before.saturating_sub(page));
    (previous.and_then(offset), more.then(|| before + page).and_then(offset))
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use model::{
        screen::{LinePage, LineSortKey, RunView},
        time::Timestamp,
    };
    use percent_encoding::percent_decode_str;

    use super::{RunTab, parse_view, task_page_offsets, view_query};
    use crate::parts::{Part, TABS};

    fn params(text: &str) -> ParamsMap {
        let pairs = text.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        let decoded = |value| percent_decode_str(value).decode_utf8_lossy().into_owned();
        pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
    }

    #[test]
    fn views_round_trip_through_the_query() {
        let id = "a23b977d-7fcc-4f69-8cb6-75d697369fbf".parse().unwrap();
        let line = |micros| LineSortKey { at: Timestamp::from_micros(micros), id };
        for view in [
            RunView::default(),
            RunView { level: 30, lines: LinePage::Newest, tasks_after: 200 },
            RunView { lines: LinePage::Oldest, ..RunView::default() },
            RunView { lines: LinePage::After(line(1_790_000_000_000_000)), ..RunView::default() },
            RunView { lines: LinePage::Before(line(-7)), ..RunView::default() },
            RunView { level: 40, lines: LinePage::Around(line(7)), ..RunView::default() },
        ] {
            for tab in RunTab::ALL {
                let query = params(&view_query(tab, view));
                assert_eq!((RunTab::parse(&query), parse_view(&query)), (tab, view));
            }
        }
        assert_eq!(parse_view(&params("level=x&lines=after:1&tasks=99999999999")), RunView::default());
    }

    #[test]
    fn tabs_that_are_parts_have_the_values_of_the_table() {
        let parts = TABS.iter().filter(|(page, ..)| *page == Part::Run).map(|(_, value, part)| (*value, *part));
        let tabs = [(RunTab::TaskRuns, Part::RunTasks), (RunTab::Parameters, Part::RunParameters)];
        assert_eq!(parts.collect::<Vec<_>>(), tabs.map(|(tab, part)| (tab.value(), part)));
    }

    #[test]
    fn task_pages_are_adjacent() {
        assert_eq!(task_page_offsets(0, false), (None, None));
        assert_eq!(task_page_offsets(200, true), (Some(0), Some(400)));
        assert_eq!(task_page_offsets(150, true), (Some(0), Some(350)));
    }
}
