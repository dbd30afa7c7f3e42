//! What the address of the page asks for: the tab, the level, and the parts of the long lists.

use leptos_router::params::ParamsMap;
use model::screen::{LINES_A_PAGE, LinePage, RunView, TASKS_A_PAGE};

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
    let number = |name| query.get_str(name).and_then(|number| number.parse().ok());
    RunView {
        level: query.get_str("level").and_then(|level| level.parse().ok()).unwrap_or_default(),
        lines: match query.get_str("lines") {
            Some("newest") => LinePage::Newest,
            _ => LinePage::After(number("lines").unwrap_or_default()),
        },
        tasks_after: number("tasks").unwrap_or_default(),
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
    match view.lines {
        LinePage::After(0) => {}
        LinePage::After(before) => pairs.push(format!("lines={before}")),
        LinePage::Newest => pairs.push("lines=newest".to_owned()),
    }
    if view.tasks_after != 0 {
        pairs.push(format!("tasks={}", view.tasks_after));
    }
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// The pages around one that begins after `before` lines.
pub fn lines_around(before: u64, more: bool) -> (Option<LinePage>, Option<LinePage>) {
    let (previous, next) = around(before, more, LINES_A_PAGE);
    (previous.map(LinePage::After), next.map(LinePage::After))
}

/// The same for task runs.
pub fn tasks_around(before: u64, more: bool) -> (Option<u32>, Option<u32>) {
    around(before, more, TASKS_A_PAGE)
}

fn around(before: u64, more: bool, page: usize) -> (Option<u32>, Option<u32>) {
    let place = |place: u64| u32::try_from(place).ok();
    let previous = (before > 0).then(|| before.saturating_sub(page as u64));
    (previous.and_then(place), more.then(|| before + page as u64).and_then(place))
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use model::screen::{LinePage, RunView};

    use super::{TabOf, around, query, read_view};

    fn params(text: &str) -> ParamsMap {
        let pairs = text.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for view in [
            RunView::default(),
            RunView { level: 30, lines: LinePage::Newest, tasks_after: 200 },
            RunView { level: 0, lines: LinePage::After(400), tasks_after: 0 },
        ] {
            for tab in TabOf::ALL {
                let read = params(&query(tab, view));
                assert_eq!((TabOf::read(&read), read_view(&read)), (tab, view));
            }
        }
        assert_eq!(read_view(&params("level=x&lines=-1&tasks=99999999999")), RunView::default());
    }

    #[test]
    fn pages_stand_beside_each_other() {
        assert_eq!(around(0, false, 200), (None, None));
        assert_eq!(around(200, true, 200), (Some(0), Some(400)));
        assert_eq!(around(150, true, 200), (Some(0), Some(350)));
    }
}
