//! What the address of the list asks for: filters and place. All of it can be shared and works without scripts.

use leptos_router::params::ParamsMap;
use model::{
    screen::{RUNS_A_PAGE, RunCursor, RunFilter, RunPlace, Since},
    state::StateType,
    time::Timestamp,
};
use ui::{clock::Zone, time::for_field};

use crate::links::{escaped, read_place, write_place};

/// The spans that are offered: the word in the address, the words on the page, seconds.
pub const SPANS: [(&str, &str, u32); 4] = [
    ("1h", "last hour", 3_600),
    ("1d", "last day", 86_400),
    ("7d", "last 7 days", 7 * 86_400),
    ("30d", "last 30 days", 30 * 86_400),
];

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    pub filter: RunFilter,
    pub cursor: RunCursor,
    /// How many rows stand before the page, as far as the way here tells.
    pub before: u64,
    /// What could not be read, by its name on the page.
    pub unread: Vec<&'static str>,
    /// A span was asked for and bounds too, which then mean nothing.
    pub twice: bool,
}

impl Asked {
    /// Reads the query of the address.
    pub fn read(query: &ParamsMap) -> Self {
        let mut asked = Self::default();
        asked.read_states(query);
        asked.filter.since = asked.since(query);
        asked.cursor = asked.place(query);
        asked.before = query.get("skip").and_then(|skip| skip.parse::<u32>().ok()).unwrap_or_default().into();
        asked
    }

    fn read_states(&mut self, query: &ParamsMap) {
        for state in query.get_all("state").into_iter().flatten().filter(|state| !state.is_empty()) {
            match StateType::from_word(&state.to_uppercase()) {
                Some(state_type) if self.filter.types.contains(&state_type) => {}
                Some(state_type) => self.filter.types.push(state_type),
                None => self.filter.names.push(state),
            }
        }
        self.filter.types.sort_unstable();
        if !self.filter.is_sound() {
            self.unread.push("State");
            self.filter.names.clear();
        }
    }

    fn since(&mut self, query: &ParamsMap) -> Since {
        let given = |name| query.get(name).filter(|value| !value.is_empty());
        let span = given("started").and_then(|word| SPANS.into_iter().find(|(known, ..)| **known == *word));
        let mut moment = |name, label| {
            let read = given(name).map(|text| Timestamp::from_field(text.trim_end_matches('Z')));
            if read == Some(None) {
                self.unread.push(label);
            }
            read.flatten()
        };
        let bounds = (moment("from", "From"), moment("to", "To"));
        self.twice = span.is_some() && bounds != (None, None);
        match (span, bounds) {
            (Some((_, _, seconds)), _) => Since::Last(seconds),
            (None, (None, None)) => Since::Ever,
            (None, (from, to)) => Since::Between(from, to),
        }
    }

    fn place(&mut self, query: &ParamsMap) -> RunCursor {
        let mut place = |name| {
            let text = query.get(name)?;
            let read = read_place(&text).map(|(time, id)| RunPlace { time, id });
            if read.is_none() {
                self.unread.push("Page");
            }
            read
        };
        match (place("after"), place("before")) {
            (Some(place), _) => RunCursor::After(place),
            (None, Some(place)) => RunCursor::Before(place),
            (None, None) => RunCursor::Newest,
        }
    }

    /// The query that asks for this filter from the newest run on; empty without a filter.
    pub fn query(filter: &RunFilter) -> String {
        let types = filter.types.iter().map(|state_type| ("state", state_type.as_str().to_lowercase()));
        let names = filter.names.iter().map(|name| ("state", name.clone()));
        let since = match filter.since {
            Since::Ever => Vec::new(),
            Since::Last(seconds) => {
                let word = SPANS.into_iter().find(|(_, _, known)| *known == seconds).map(|(word, ..)| word);
                word.map(|word| ("started", word.to_owned())).into_iter().collect()
            }
            Since::Between(from, to) => {
                let moment = |name, time: Option<Timestamp>| time.map(|time| (name, write_moment(time)));
                moment("from", from).into_iter().chain(moment("to", to)).collect()
            }
        };
        written(types.chain(names).chain(since))
    }

    /// The query of the page after this row.
    pub fn after(&self, row: RunPlace, shown: usize) -> String {
        self.beside("after", row, self.before + shown as u64)
    }

    /// The query of the page before this row.
    pub fn before(&self, row: RunPlace) -> String {
        self.beside("before", row, self.before.saturating_sub(RUNS_A_PAGE as u64))
    }

    fn beside(&self, side: &str, row: RunPlace, skip: u64) -> String {
        let filter = Self::query(&self.filter);
        let joint = if filter.is_empty() { "?" } else { "&" };
        format!("{filter}{joint}{side}={}&skip={skip}", write_place(row.time, row.id))
    }
}

fn written(pairs: impl Iterator<Item = (&'static str, String)>) -> String {
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", escaped(&value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// A moment as addresses say it, to the second.
pub fn write_moment(time: Timestamp) -> String {
    format!("{}Z", for_field(time, Zone::Utc))
}

#[cfg(test)]
mod tests {
    use leptos_router::params::ParamsMap;
    use model::{
        screen::{RunCursor, RunPlace, Since},
        state::StateType,
        time::Timestamp,
    };

    use super::Asked;

    fn read(pairs: &[(&'static str, &str)]) -> Asked {
        let mut query = ParamsMap::new();
        for (name, value) in pairs {
            query.insert(*name, (*value).to_owned());
        }
        Asked::read(&query)
    }

    #[test]
    fn states_are_types_or_names() {
        let asked = read(&[("state", "failed"), ("state", "Late"), ("state", "crashed"), ("state", "")]);
        assert_eq!(asked.filter.types, [StateType::Failed, StateType::Crashed]);
        assert_eq!(asked.filter.names, ["Late"]);
        assert_eq!(Asked::query(&asked.filter), "?state=failed&state=crashed&state=Late");
    }

    #[test]
    fn times_are_spans_or_bounds() {
        assert_eq!(read(&[("started", "7d")]).filter.since, Since::Last(604_800));
        assert_eq!(read(&[("started", "")]).filter.since, Since::Ever);
        let asked = read(&[("from", "2026-03-17T09:00"), ("to", "2026-03-17T10:00:30Z")]);
        let moment = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!(asked.filter.since, Since::Between(moment("2026-03-17T09:00:00Z"), moment("2026-03-17T10:00:30Z")));
        assert_eq!(Asked::query(&asked.filter), "?from=2026-03-17T09%3A00%3A00Z&to=2026-03-17T10%3A00%3A30Z");
    }

    #[test]
    fn a_span_is_stronger_than_bounds_and_that_is_told() {
        let asked = read(&[("started", "7d"), ("to", "2026-03-17T09:00")]);
        assert_eq!((asked.filter.since, asked.twice), (Since::Last(604_800), true));
        assert!(!read(&[("started", "7d")]).twice && !read(&[("to", "2026-03-17T09:00")]).twice);
    }

    #[test]
    fn what_can_not_be_read_is_named_and_passed_over() {
        let asked = read(&[("from", "yesterday"), ("after", "x"), ("skip", "-1")]);
        assert_eq!(asked.unread, ["From", "Page"]);
        assert_eq!((asked.filter.since, asked.cursor, asked.before), (Since::Ever, RunCursor::Newest, 0));
        let id = "0196f5a0-0000-7000-8000-000000000001".parse().unwrap();
        let far = read(&[("skip", "18446744073709551615")]);
        assert!(far.after(RunPlace { time: Timestamp::LATEST, id }, 50).ends_with("&skip=50"));
        let asked = read(&[("state", "failed"), ("state", &"x".repeat(300))]);
        assert_eq!(
            (asked.unread.as_slice(), asked.filter.types.as_slice()),
            (&["State"][..], &[StateType::Failed][..])
        );
        assert!(asked.filter.names.is_empty());
    }

    #[test]
    fn pages_lead_to_each_other() {
        let id = "0196f5a0-0000-7000-8000-000000000001".parse().unwrap();
        let row = RunPlace { time: Timestamp::from_micros(17), id };
        let asked = read(&[("state", "failed"), ("skip", "50")]);
        assert_eq!(asked.after(row, 50), format!("?state=failed&after=17.{id}&skip=100"));
        assert_eq!(asked.before(row), format!("?state=failed&before=17.{id}&skip=0"));
        assert_eq!(read(&[("after", &format!("17.{id}"))]).cursor, RunCursor::After(row));
    }
}
