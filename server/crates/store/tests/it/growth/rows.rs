//! The rows of the test's workspaces, as numbers from which ids, names and times follow. `fill` inserts the same rows.

use model::time::Timestamp;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::report::setting;

/// How many rows of each noun the compared workspaces have: 1,000, and `GROWTH_ROWS`.
pub fn sizes() -> [i64; 2] {
    let large = setting("GROWTH_ROWS").map(|rows| rows.parse().unwrap());
    [1_000, large.unwrap_or(20_000)]
}

/// Whether each case is measured with each sort. Otherwise each has one, in turn, so that the test is quick.
pub fn is_exhaustive() -> bool {
    setting("GROWTH_ROWS").is_some()
}

/// How many rows are in each of the small groups.
pub const FEW: i64 = 200;

/// The group of the row with this id has no rows in [`Shape::Grouped`].
pub const NO_GROUP: i64 = 3;

/// Which of a workspace's rows have a value in the columns that may be NULL, and how its objects refer to each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Shape {
    /// Every column has a value, but few runs are subflow runs. Row n of a noun refers to row n of another.
    Paired,
    /// [`FEW`] rows have NULL. The few rows refer to row 1 of another noun, the others to row 2.
    Grouped,
    /// [`FEW`] rows have a value, but all runs are subflow runs.
    Sparse,
    /// All rows have NULL.
    Blank,
}

impl Shape {
    pub const ALL: [Self; 4] = [Self::Paired, Self::Grouped, Self::Sparse, Self::Blank];
}

/// The rows of a workspace: `count` of each noun, numbered from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Rows {
    pub shape: Shape,
    pub count: i64,
}

impl Rows {
    /// The distance between two of the few rows, which are spread over all.
    pub fn step(self) -> i64 {
        self.count / FEW
    }

    /// The numbers of the few rows.
    pub fn few(self) -> impl Iterator<Item = i64> {
        (0..FEW).map(move |index| index * self.step() + 2)
    }

    /// The first half of all ids of this workspace.
    pub fn id_prefix(self) -> String {
        format!("{:08x}{:08x}", self.shape as u32 + 1, self.count)
    }

    /// The id of row `n` of every noun.
    pub fn id(self, n: i64) -> Uuid {
        format!("{}{n:016}", self.id_prefix()).parse().unwrap()
    }

    pub fn ids(self, numbers: impl IntoIterator<Item = i64>) -> Json {
        numbers.into_iter().map(|n| json!(self.id(n))).collect()
    }

    /// Numbers from 0 that are in another order than `n`, so that rows which are neighbours in one order are spread in another.
    pub fn shuffled(self, n: i64) -> i64 {
        n * SHUFFLE % self.count
    }

    /// The name of row `n`.
    pub fn name(self, noun: &str, n: i64) -> String {
        let group = if n % self.step() == 2 { "few" } else { "common" };
        format!("{noun}-{:06}-{group}", self.shuffled(n))
    }

    /// The names of the few rows.
    pub fn few_names(self, noun: &str) -> Json {
        self.few().map(|n| json!(self.name(noun, n))).collect()
    }
}

/// A prime, so that it has no factor in common with a count.
pub const SHUFFLE: i64 = 7_919;

/// The time of row 0, in microseconds.
pub const START: i64 = 1_790_000_000_000_000;

/// The time of a row whose time is `position` seconds after [`START`].
pub fn time(position: i64) -> Json {
    json!(Timestamp::from_micros(START + position * 1_000_000))
}

/// An id that no row has.
pub fn absent_id() -> Uuid {
    Uuid::from_u64_pair(u64::MAX, 1)
}
