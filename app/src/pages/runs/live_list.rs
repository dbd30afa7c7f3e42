//! The data of the list as signals, and how updates change it.

use leptos::prelude::*;
use model::screen::{MAX_COUNT, PlannedRuns, RunCursor, RunList, RunListUpdate, StateCounts};
use ui::prelude::*;

use super::{
    list_query::RunListQuery,
    rows::{LiveRow, RunPageChange, apply_update},
};

/// The server stops counting runs at this number.
pub const COUNT_LIMIT: u64 = MAX_COUNT.unsigned_abs();

/// The list as signals, which updates change.
#[derive(Clone, Copy)]
pub struct LiveRunList {
    pub rows: RwSignal<Vec<LiveRow>>,
    pub total: RwSignal<u64>,
    pub planned: RwSignal<PlannedRuns>,
    pub has_planned: Memo<bool>,
    /// All runs by state.
    pub counts: RwSignal<StateCounts>,
    /// Whether the page lost rows while older runs exist that could fill it.
    pub is_short: RwSignal<bool>,
    has_older: RwSignal<bool>,
    has_newer: bool,
}

impl LiveRunList {
    /// With the data that was loaded.
    pub fn new(list: RunList) -> Self {
        let planned = RwSignal::new(list.planned);
        Self {
            rows: RwSignal::new(list.rows.into_iter().map(LiveRow::new).collect()),
            total: RwSignal::new(list.total),
            planned,
            has_planned: Memo::new(move |_| planned.with(|planned| planned.total > 0)),
            counts: RwSignal::new(list.counts),
            is_short: RwSignal::new(false),
            has_older: RwSignal::new(list.older),
            has_newer: list.newer,
        }
    }

    /// How many runs there are without a filter.
    pub fn unfiltered(self) -> u64 {
        self.counts.with(|counts| counts.iter().map(|(_, _, runs)| runs).sum())
    }

    /// Applies an update to the page at `cursor`.
    pub fn apply(self, update: RunListUpdate, cursor: RunCursor) {
        self.total.set(update.total);
        self.counts.set(update.counts.clone());
        self.planned.set(update.planned.clone());
        let mut rows = self.rows.get_untracked();
        match apply_update(&mut rows, update, cursor, self.has_older.get_untracked()) {
            RunPageChange::Complete => {}
            RunPageChange::Overflowed => self.has_older.set(true),
            RunPageChange::Short => self.is_short.set(true),
        }
        self.rows.set(rows);
    }

    /// The links to the pages around this one; `list` is the list's path without a query.
    pub fn pages(self, query: &RunListQuery, list: &str) -> AnyView {
        let (first, last, count) = self.rows.with(|rows| {
            let key = |row: Option<&LiveRow>| row.map(|row| row.row.read_untracked().sort_key());
            (key(rows.first()), key(rows.last()), rows.len())
        });
        let previous = first.filter(|_| self.has_newer).map(|row| format!("{list}{}", query.before(row)));
        let next = last.filter(|_| self.has_older.get()).map(|row| format!("{list}{}", query.after(row, count)));
        let total = self.total.get();
        view! { <Pagination offset=Some(query.offset) rows=count as u64 total most=COUNT_LIMIT previous next /> }
            .into_any()
    }
}
