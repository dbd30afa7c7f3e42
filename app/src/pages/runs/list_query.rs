//! The query of the list's URL: filter and cursor. It can be shared as a link and works without scripts.

use leptos_router::params::ParamsMap;
use model::{
    screen::{RUNS_PER_PAGE, RunCursor, RunFilter, RunSortKey, Since},
    state::StateType,
    time::Timestamp,
};
use ui::{clock::Zone, time::datetime_local};

use crate::links::{add_to_query, format_cursor, parse_cursor};

/// The time spans of the filter: the value in the URL, the label, seconds.
pub const SPANS: [(&str, &str, u32); 4] = [
    ("1h", "Last hour", 3_600),
    ("1d", "Last day", 86_400),
    ("7d", "Last 7 days", 7 * 86_400),
    ("30d", "Last 30 days", 30 * 86_400),
];

/// The states of the filter, by type and name.
pub const STATES: [(StateType, &str); 11] = [
    (StateType::Completed, "Completed"),
    (StateType::Failed, "Failed"),
    (StateType::Crashed, "Crashed"),
    (StateType::Running, "Running"),
    (StateType::Scheduled, "Scheduled"),
    (StateType::Scheduled, "Late"),
    (StateType::Pending, "Pending"),
    (StateType::Cancelled, "Cancelled"),
    (StateType::Paused, "Paused"),
    (StateType::Cancelling, "Cancelling"),
    (StateType::Scheduled, "AwaitingRetry"),
];

/// The parsed query.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RunListQuery {
    pub filter: RunFilter,
    pub cursor: RunCursor,
    /// How many rows precede the page, from the link that led to it.
    pub offset: u64,
    /// A sentence for each value that is ignored.
    pub ignored: Vec<&'static str>,
}

impl RunListQuery {
    /// Parses the query of the URL.
    pub fn parse(query: &ParamsMap) -> Self {
        let mut parsed = Self::default();
        parsed.parse_states(query);
        parsed.filter.since = parsed.parse_since(query);
        parsed.cursor = parsed.parse_page(query);
        parsed.offset = query.get("skip").and_then(|skip| skip.parse::<u32>().ok()).unwrap_or_default().into();
        parsed
    }

    fn parse_states(&mut self, query: &ParamsMap) {
        for text in query.get_all("state").into_iter().flatten().filter(|text| !text.is_empty()) {
            let known = STATES.into_iter().find(|(_, name)| name.eq_ignore_ascii_case(&text));
            match known {
                Some((state_type, name)) if name == state_type.default_name() => self.filter.types.push(state_type),
                Some((_, name)) => self.filter.names.push(name.to_owned()),
                None => self.ignore("An unknown state was ignored."),
            }
        }
        self.filter.types.sort_unstable();
        self.filter.types.dedup();
        self.filter.names.sort_unstable();
        self.filter.names.dedup();
    }

    fn ignore(&mut self, sentence: &'static str) {
        if !self.ignored.contains(&sentence) {
            self.ignored.push(sentence);
        }
    }

    fn parse_since(&mut self, query: &ParamsMap) -> Since {
        let value = |name| query.get(name).filter(|value| !value.is_empty());
        let span = value("started").and_then(|text| SPANS.into_iter().find(|(known, ..)| **known == *text));
        let mut moment = |name, sentence| {
            let parsed = value(name).map(|text| Timestamp::from_datetime_local(text.trim_end_matches('Z')));
            if parsed == Some(None) {
                self.ignore(sentence);
            }
            parsed.flatten()
        };
        let from = moment("from", "From isn’t a date, so it was ignored.");
        let bounds = (from, moment("to", "To isn’t a date, so it was ignored."));
        if span.is_some() && bounds != (None, None) {
            self.ignore("From and To were ignored, because a time span is chosen too.");
        }
        match (span, bounds) {
            (Some((_, _, seconds)), _) => Since::Last(seconds),
            (None, (None, None)) => Since::Ever,
            (None, (from, to)) => Since::Between(from, to),
        }
    }

    fn parse_page(&mut self, query: &ParamsMap) -> RunCursor {
        let mut cursor = |name| {
            let text = query.get(name)?;
            let parsed = parse_cursor(&text).map(|(time, id)| RunSortKey { time, id });
            if parsed.is_none() {
                self.ignore("The page in this link doesn’t exist, so the first page is shown.");
            }
            parsed
        };
        match (cursor("after"), cursor("before")) {
            (Some(row), _) => RunCursor::After(row),
            (None, Some(row)) => RunCursor::Before(row),
            (None, None) => RunCursor::Newest,
        }
    }

    /// The query of the first page with this filter; empty without a filter.
    pub fn first_page(filter: &RunFilter) -> String {
        let mut query = String::new();
        let mut add = |name, value: &str| add_to_query(&mut query, name, value);
        for state_type in &filter.types {
            add("state", &state_type.as_str().to_lowercase());
        }
        for name in &filter.names {
            add("state", name);
        }
        match filter.since {
            Since::Ever => {}
            Since::Last(seconds) => {
                if let Some((value, ..)) = SPANS.into_iter().find(|(_, _, known)| *known == seconds) {
                    add("started", value);
                }
            }
            Since::Between(from, to) => {
                for (name, time) in [("from", from), ("to", to)] {
                    if let Some(time) = time {
                        add(name, &format_moment(time));
                    }
                }
            }
        }
        query
    }

    /// The query of the page after this row, the last of `count`.
    pub fn after(&self, row: RunSortKey, count: usize) -> String {
        self.adjacent("after", row, self.offset + count as u64)
    }

    /// The query of the page before this row.
    pub fn before(&self, row: RunSortKey) -> String {
        self.adjacent("before", row, self.offset.saturating_sub(RUNS_PER_PAGE as u64))
    }

    fn adjacent(&self, side: &str, row: RunSortKey, skip: u64) -> String {
        let mut query = Self::first_page(&self.filter);
        add_to_query(&mut query, side, &format_cursor(row.time, row.id));
        add_to_query(&mut query, "skip", &skip.to_string());
        query
    }
}

/// A moment for the URL, to the second.
pub fn format_moment(time: Timestamp) -> String {
    format!("{}Z", datetime_local(time, Zone::Utc))
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use model::{
        screen::{RunCursor, RunSortKey, Since},
        state::StateType,
        time::Timestamp,
    };

    use super::RunListQuery;

    fn parse(pairs: &[(&'static str, &str)]) -> RunListQuery {
        let mut query = ParamsMap::new();
        for (name, value) in pairs {
            query.insert(*name, (*value).to_owned());
        }
        RunListQuery::parse(&query)
    }

    #[test]
    fn states_are_parsed_as_types_or_names() {
        let query = parse(&[("state", "failed"), ("state", "Late"), ("state", "crashed"), ("state", "")]);
        assert_eq!(query.filter.types, [StateType::Failed, StateType::Crashed]);
        assert_eq!(query.filter.names, ["Late"]);
        assert_eq!(RunListQuery::first_page(&query.filter), "?state=failed&state=crashed&state=Late");
    }

    #[test]
    fn times_are_parsed_as_spans_or_bounds() {
        assert_eq!(parse(&[("started", "7d")]).filter.since, Since::Last(604_800));
        assert_eq!(parse(&[("started", "")]).filter.since, Since::Ever);
        let query = parse(&[("from", "2026-03-17T09:00"), ("to", "2026-03-17T10:00:30Z")]);
        let moment = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!(query.filter.since, Since::Between(moment("2026-03-17T09:00:00Z"), moment("2026-03-17T10:00:30Z")));
        assert_eq!(
            RunListQuery::first_page(&query.filter),
            "?from=2026-03-17T09%3A00%3A00Z&to=2026-03-17T10%3A00%3A30Z"
        );
    }

    #[test]
    fn span_takes_precedence_over_bounds_with_a_warning() {
        let query = parse(&[("started", "7d"), ("to", "2026-03-17T09:00")]);
        assert_eq!(query.filter.since, Since::Last(604_800));
        assert_eq!(query.ignored, ["From and To were ignored, because a time span is chosen too."]);
        for alone in [("started", "7d"), ("to", "2026-03-17T09:00")] {
            assert_eq!(parse(&[alone]).ignored, [""; 0]);
        }
    }

    #[test]
    fn invalid_values_are_reported_and_ignored() {
        let query = parse(&[("from", "yesterday"), ("after", "x"), ("before", "y"), ("skip", "-1")]);
        let page = "The page in this link doesn’t exist, so the first page is shown.";
        assert_eq!(query.ignored, ["From isn’t a date, so it was ignored.", page]);
        assert_eq!((query.filter.since, query.cursor, query.offset), (Since::Ever, RunCursor::Newest, 0));
        let id = "0196f5a0-0000-7000-8000-000000000001".parse().unwrap();
        let far = parse(&[("skip", "18446744073709551615")]);
        assert!(far.after(RunSortKey { time: Timestamp::LATEST, id }, 50).ends_with("&skip=50"));
    }

    #[test]
    fn unknown_states_are_ignored_with_a_warning() {
        let query = parse(&[("state", "failed"), ("state", "bogus"), ("state", "FAILED"), ("state", "nothing")]);
        assert_eq!(query.ignored, ["An unknown state was ignored."]);
        assert_eq!((query.filter.types.as_slice(), query.filter.names.len()), (&[StateType::Failed][..], 0));
        assert_eq!(parse(&[("state", "late"), ("state", "Late")]).filter.names, ["Late"]);
    }

    #[test]
    fn next_and_previous_page_are_inverse() {
        let id = "0196f5a0-0000-7000-8000-000000000001".parse().unwrap();
        let row = RunSortKey { time: Timestamp::from_micros(17), id };
        let query = parse(&[("state", "failed"), ("skip", "50")]);
        assert_eq!(query.after(row, 50), format!("?state=failed&after=17.{id}&skip=100"));
        assert_eq!(query.before(row), format!("?state=failed&before=17.{id}&skip=0"));
        assert_eq!(parse(&[("after", &format!("17.{id}"))]).cursor, RunCursor::After(row));
    }
}
