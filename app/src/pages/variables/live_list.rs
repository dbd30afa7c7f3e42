//! The data of the list as signals, and how updates change it.

use leptos::prelude::*;
use model::{
    screen::{MAX_COUNT, VariableList, VariableRow},
    variable::VariableId,
};

/// The server stops counting variables at this number.
pub const COUNT_LIMIT: u64 = MAX_COUNT.unsigned_abs();

/// A row of the list, which updates change.
#[derive(Clone)]
pub struct LiveRow {
    pub id: VariableId,
    pub row: ArcRwSignal<VariableRow>,
}

/// The list as signals.
#[derive(Clone, Copy)]
pub struct LiveVariables {
    pub rows: RwSignal<Vec<LiveRow>>,
    pub total: RwSignal<u64>,
    pub unfiltered: RwSignal<u64>,
}

impl LiveVariables {
    /// With the data that was loaded.
    pub fn new(list: VariableList) -> Self {
        Self {
            rows: RwSignal::new(updated_rows(&[], list.rows)),
            total: RwSignal::new(list.total),
            unfiltered: RwSignal::new(list.unfiltered),
        }
    }

    /// Shows the page as it is now.
    pub fn apply(self, list: VariableList) {
        self.total.set(list.total);
        self.unfiltered.set(list.unfiltered);
        self.rows.set(self.rows.with_untracked(|rows| updated_rows(rows, list.rows)));
    }
}

/// The rows of an update. A variable that was on the page keeps its signal, and with it its element and the focus.
fn updated_rows(known: &[LiveRow], rows: Vec<VariableRow>) -> Vec<LiveRow> {
    let live = |row: VariableRow| match known.iter().find(|known| known.id == row.id) {
        Some(known) => {
            if known.row.with_untracked(|known| *known != row) {
                known.row.set(row);
            }
            known.clone()
        }
        None => LiveRow { id: row.id, row: ArcRwSignal::new(row) },
    };
    rows.into_iter().map(live).collect()
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;
    use model::{screen::VariableRow, time::Timestamp};

    use super::updated_rows;

    fn row(number: u32, value: &str) -> VariableRow {
        let id = format!("0196f5a0-0000-7000-8000-{number:012}").parse().unwrap();
        let (name, value) = (format!("v{number}"), value.to_owned());
        VariableRow { id, name, value, tags: Vec::new(), more_tags: 0, updated: Timestamp::default() }
    }

    #[test]
    fn rows_keep_their_signals_and_get_the_order_of_the_update() {
        let before = updated_rows(&[], vec![row(1, "a"), row(2, "b")]);
        let after = updated_rows(&before, vec![row(3, "c"), row(2, "B")]);
        let values: Vec<_> = after.iter().map(|row| row.row.get_untracked().value).collect();
        assert_eq!(values, ["c", "B"]);
        assert_eq!(before[1].row.get_untracked().value, "B", "the same signal");
    }
}
