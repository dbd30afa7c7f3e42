//! What the address of the page asks for: the tab, the level, and the parts of the long lists.

use leptos_router::params::ParamsMap;
use model::screen::{LinePage, LinePlace, RunView, TASKS_A_PAGE};

use crate::links::{read_place, write_place};

/// What stands below the head.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TabOf {
    #[default]
    Logs,
    TaskRuns,
    States,
    Parameters,
}

impl TabOf {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Logs, Self::TaskRuns, Self::Parameters, Self::States];

    /// The word in the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::TaskRuns => "task-runs",
            Self::States => "states",
            Self::Parameters => "parameters",
        }
    }

    /// The tab that the address asks for.
    pub fn read(query: &ParamsMap) -> Self {
        let word = query.get_str("tab").unwrap_or_default();
        Self::ALL.into_iter().find(|tab| tab.word() == word).unwrap_or_default()
    }
}

/// The part that the address asks for; what can't be read is left out.
pub fn read_view(query: &ParamsMap) -> RunView {
    RunView {
        level: query.get_str("level").and_then(|level| level.parse().ok()).unwrap_or_default(),
        lines: query.get_str("lines").and_then(read_lines).unwrap_or_default(),
        tasks_after: query.get_str("tasks").and_then(|number| number.parse().ok()).unwrap_or_default(),
    }
}

fn read_lines(text: &str) -> Option<LinePage> {
    let line = |text| read_place(text).map(|(at, id)| LinePlace { at, id });
    match text.split_once(':') {
        None if text == "oldest" => Some(LinePage::Oldest),
        None if text == "newest" => Some(LinePage::Newest),
        Some(("after", place)) => line(place).map(LinePage::After),
        Some(("before", place)) => line(place).map(LinePage::Before),
        _ => None,
    }
}

fn write_lines(lines: LinePage) -> Option<String> {
    let line = |side, LinePlace { at, id }| format!("{side}:{}", write_place(at, id));
    match lines {
        LinePage::Fitting => None,
        LinePage::Oldest => Some("oldest".to_owned()),
        LinePage::Newest => Some("newest".to_owned()),
        LinePage::After(place) => Some(line("after", place)),
        LinePage::Before(place) => Some(line("before", place)),
    }
}

/// The query for a tab and what is looked at in it.
pub fn query(tab: TabOf, view: RunView) -> String {
    let mut pairs = Vec::new();
    if tab != TabOf::Logs {
        pairs.push(format!("tab={}", tab.word()));
    }
    if view.level != 0 {
        pairs.push(format!("level={}", view.level));
    }
    pairs.extend(write_lines(view.lines).map(|lines| format!("lines={lines}")));
    if view.tasks_after != 0 {
        pairs.push(format!("tasks={}", view.tasks_after));
    }
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// The pages around one that begins after `before` task runs.
pub fn tasks_around(before: u64, more: bool) -> (Option<u32>, Option<u32>) {
    let page = TASKS_A_PAGE as u64;
    let place = |place: u64| u32::try_from(place).ok();
    let previous = (before > 0).then(|| before.saturating_sub(page));
    (previous.and_then(place), more.then(|| before + page).and_then(place))
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use model::{
        screen::{LinePage, LinePlace, RunView},
        time::Timestamp,
    };

    use super::{TabOf, query, read_view, tasks_around};

    fn params(text: &str) -> ParamsMap {
        let pairs = text.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn addresses_are_read_as_they_are_written() {
        let id = "a23b977d-7fcc-4f69-8cb6-75d697369fbf".parse().unwrap();
        let line = |micros| LinePlace { at: Timestamp::from_micros(micros), id };
        for view in [
            RunView::default(),
            RunView { level: 30, lines: LinePage::Newest, tasks_after: 200 },
            RunView { lines: LinePage::Oldest, ..RunView::default() },
            RunView { lines: LinePage::After(line(1_790_000_000_000_000)), ..RunView::default() },
            RunView { lines: LinePage::Before(line(-7)), ..RunView::default() },
        ] {
            for tab in TabOf::ALL {
                let read = params(&query(tab, view));
                assert_eq!((TabOf::read(&read), read_view(&read)), (tab, view));
            }
        }
        assert_eq!(read_view(&params("level=x&lines=after:1&tasks=99999999999")), RunView::default());
    }

    #[test]
    fn pages_stand_beside_each_other() {
        assert_eq!(tasks_around(0, false), (None, None));
        assert_eq!(tasks_around(200, true), (Some(0), Some(400)));
        assert_eq!(tasks_around(150, true), (Some(0), Some(350)));
    }
}
