//! What the list shows, as it goes on changing: news are worked into what was read at first.

use leptos::prelude::*;
use model::{
    live::RunsNews,
    screen::{RunCursor, RunList, StateCounts},
};
use ui::prelude::*;

use super::{
    asked::Asked,
    list::MOST,
    rows::{Applied, LiveRow, apply},
};

/// The list, as it is shown.
#[derive(Clone, Copy)]
pub struct Shown {
    pub rows: RwSignal<Vec<LiveRow>>,
    pub total: RwSignal<u64>,
    /// All runs by state.
    pub counts: RwSignal<StateCounts>,
    /// Whether rows went that others would take the place of.
    pub short: RwSignal<bool>,
    older: RwSignal<bool>,
    newer: bool,
}

impl Shown {
    /// The list as it was read.
    pub fn new(list: RunList) -> Self {
        Self {
            rows: RwSignal::new(list.rows.into_iter().map(LiveRow::read).collect()),
            total: RwSignal::new(list.total),
            counts: RwSignal::new(list.counts),
            short: RwSignal::new(false),
            older: RwSignal::new(list.older),
            newer: list.newer,
        }
    }

    /// How many there are without a filter.
    pub fn unfiltered(self) -> u64 {
        self.counts.with(|counts| counts.iter().map(|(_, _, runs)| runs).sum())
    }

    /// Works news into the page at `cursor`.
    pub fn apply(self, news: RunsNews, cursor: RunCursor) {
        self.total.set(news.total);
        self.counts.set(news.counts.clone());
        let mut rows = self.rows.get_untracked();
        match apply(&mut rows, news, cursor, self.older.get_untracked()) {
            Applied::Whole => {}
            Applied::Overflowed => self.older.set(true),
            Applied::Short => self.short.set(true),
        }
        self.rows.set(rows);
    }

    /// The pages around this one; `list` is the list's address without a query.
    pub fn pages(self, asked: &Asked, list: &str) -> AnyView {
        let (first, last, shown) = self.rows.with(|rows| {
            let place = |row: Option<&LiveRow>| row.map(|row| row.row.read_untracked().place());
            (place(rows.first()), place(rows.last()), rows.len())
        });
        let previous = first.filter(|_| self.newer).map(|row| format!("{list}{}", asked.before(row)));
        let next = last.filter(|_| self.older.get()).map(|row| format!("{list}{}", asked.after(row, shown)));
        let total = self.total.get();
        view! { <Pagination offset=Some(asked.before) shown=shown as u64 total most=MOST previous next /> }.into_any()
    }
}
