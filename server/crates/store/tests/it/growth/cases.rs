//! Cases: a query, the workspace that it is sent to, and how many rows match. Each type of a filter's key has a function for its cases.

use std::fmt;

use serde_json::{Value as Json, json};

use super::{
    declared::nested,
    rows::{FEW, NO_GROUP, Rows, Shape, absent_id, time},
};

/// How many rows match a query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matches {
    Exactly(i64),
    /// All rows but at most two of the small groups.
    All,
}

pub const NOTHING: Matches = Matches::Exactly(0);
pub const SOME: Matches = Matches::Exactly(FEW);

impl Matches {
    pub fn fits(self, matched: i64, rows: Rows) -> bool {
        match self {
            Self::Exactly(expected) => matched == expected,
            Self::All => (rows.count - 2 * FEW..=rows.count).contains(&matched),
        }
    }
}

/// A query.
pub struct Case {
    /// The filter and its kind of condition, such as `flow_runs state.name.any_`.
    pub name: String,
    pub rows: Rows,
    pub matches: Matches,
    /// The body of the request. Without a sort it is measured with each.
    pub body: Json,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body: String = self.body.to_string().chars().take(120).collect();
        write!(f, "{:?} rows, {:?} match: {body}", self.rows.shape, self.matches)
    }
}

/// Collects the cases of one filter in workspaces of one size.
pub struct Cases {
    filter: &'static str,
    count: i64,
    list: Vec<Case>,
}

impl Cases {
    pub fn new(filter: &'static str, count: i64) -> Self {
        Self { filter, count, list: Vec::new() }
    }

    /// Adds cases of another filter.
    pub fn of(mut self, filter: &'static str) -> Self {
        self.filter = filter;
        self
    }

    pub fn finish(self) -> Vec<Case> {
        self.list
    }

    pub fn rows(&self, shape: Shape) -> Rows {
        Rows { shape, count: self.count }
    }

    /// Adds a query with one condition.
    pub fn add(&mut self, condition: &str, shape: Shape, matches: Matches, value: Json) {
        let body = json!({self.filter: nested(condition.split('.'), value)});
        self.body(&format!("{} {condition}", self.filter), shape, matches, body);
    }

    /// Adds a whole query.
    pub fn body(&mut self, name: &str, shape: Shape, matches: Matches, body: Json) {
        let name = name.to_owned();
        self.list.push(Case { name, rows: self.rows(shape), matches, body });
    }

    /// Lists of ids of the rows themselves, up to the most values that a list may have.
    pub fn any_id(&mut self, condition: &str, shape: Shape) {
        let rows = self.rows(shape);
        self.add(condition, shape, NOTHING, json!([absent_id()]));
        self.add(condition, shape, SOME, rows.ids(rows.few()));
        let most = rows.ids((1..=1_000).map(|index| index * rows.count / 1_000));
        self.add(condition, shape, Matches::Exactly(1_000), most);
    }

    pub fn not_any_id(&mut self, condition: &str) {
        let rows = self.rows(Shape::Paired);
        self.add(condition, Shape::Paired, Matches::All, json!([absent_id()]));
        self.add(condition, Shape::Paired, Matches::All, rows.ids(rows.few()));
    }

    /// Lists of ids of objects that the rows refer to.
    pub fn any_reference(&mut self, condition: &str) {
        let (paired, grouped) = (self.rows(Shape::Paired), self.rows(Shape::Grouped));
        self.add(condition, Shape::Paired, SOME, paired.ids(paired.few()));
        for (group, matches) in [(1, SOME), (2, Matches::All), (NO_GROUP, NOTHING)] {
            self.add(condition, Shape::Grouped, matches, grouped.ids([group]));
        }
    }

    pub fn not_any_reference(&mut self, condition: &str) {
        let grouped = self.rows(Shape::Grouped);
        for (groups, matches) in [(&[1, 2][..], NOTHING), (&[2], SOME), (&[NO_GROUP], Matches::All)] {
            self.add(condition, Shape::Grouped, matches, grouped.ids(groups.iter().copied()));
        }
    }

    /// A column that has one value in few rows and another in the others.
    pub fn any_group(&mut self, condition: &str, few: &Json, common: &Json, absent: &Json) {
        for (values, matches) in
            [(json!([absent]), NOTHING), (json!([few]), SOME), (json!([few, common]), Matches::All)]
        {
            self.add(condition, Shape::Paired, matches, values);
        }
    }

    pub fn not_any_group(&mut self, condition: &str, few: &Json, common: &Json, absent: &Json) {
        for (values, matches) in
            [(json!([few, common]), NOTHING), (json!([common]), SOME), (json!([absent]), Matches::All)]
        {
            self.add(condition, Shape::Paired, matches, values);
        }
    }

    /// Texts that differ between the rows.
    pub fn any_text(&mut self, condition: &str, noun: &str) {
        let few = self.rows(Shape::Paired).few_names(noun);
        self.add(condition, Shape::Paired, NOTHING, json!(["absent"]));
        self.add(condition, Shape::Paired, SOME, few);
    }

    /// Parts of texts that differ between the rows.
    pub fn like(&mut self, condition: &str, noun: &str) {
        let rows = self.rows(Shape::Paired);
        let number = format!("{:06}", rows.shuffled(rows.few().nth(99).unwrap()));
        for (part, matches) in [("zzz", NOTHING), ("few", SOME), (noun, Matches::All), (&number, Matches::Exactly(1))] {
            self.add(condition, Shape::Paired, matches, json!(part));
        }
    }

    pub fn tags(&mut self) {
        self.add("tags.all_", Shape::Paired, NOTHING, json!(["common", "absent"]));
        self.add("tags.all_", Shape::Paired, SOME, json!(["common", "few"]));
        self.add("tags.all_", Shape::Paired, Matches::All, json!(["common"]));
        self.add("tags.any_", Shape::Paired, NOTHING, json!(["absent"]));
        self.add("tags.any_", Shape::Paired, SOME, json!(["few"]));
        self.add("tags.any_", Shape::Paired, SOME, json!(["last"]));
        self.add("tags.any_", Shape::Paired, Matches::All, json!(["few", "common"]));
        self.is_null("tags.is_null_", true);
    }

    /// A condition on whether there is a value. It is `missing` for rows that have none.
    pub fn is_null(&mut self, condition: &str, missing: bool) {
        self.is_null_in([Shape::Paired, Shape::Sparse], condition, missing);
    }

    /// The same for a column that every row of the first workspace has, and few rows of the second.
    pub fn is_null_in(&mut self, [full, sparse]: [Shape; 2], condition: &str, missing: bool) {
        for (shape, matches) in
            [(full, NOTHING), (Shape::Grouped, SOME), (sparse, Matches::All), (Shape::Blank, Matches::All)]
        {
            self.add(condition, shape, matches, json!(missing));
        }
        for (shape, matches) in
            [(Shape::Blank, NOTHING), (sparse, SOME), (Shape::Grouped, Matches::All), (full, Matches::All)]
        {
            self.add(condition, shape, matches, json!(!missing));
        }
    }

    /// A time that ascends with the number of the row from `first`.
    pub fn times(&mut self, key: &str, first: i64) {
        let last = first + self.count - 1;
        for (name, at, matches) in [
            ("after_", last + 1, NOTHING),
            ("after_", last + 1 - FEW, SOME),
            ("after_", first, Matches::All),
            ("before_", first - 1, NOTHING),
            ("before_", first - 1 + FEW, SOME),
            ("before_", last, Matches::All),
        ] {
            self.add(&format!("{key}.{name}"), Shape::Paired, matches, time(at));
        }
    }

    pub fn states(&mut self) {
        let [failed, completed, crashed] = ["FAILED", "COMPLETED", "CRASHED"].map(|name| json!(name));
        self.any_group("state.type.any_", &failed, &completed, &crashed);
        self.not_any_group("state.type.not_any_", &failed, &completed, &crashed);
        for (condition, names, matches) in [
            ("state.name.any_", json!(["Crashed"]), NOTHING),
            ("state.name.any_", json!(["Nowhere"]), NOTHING),
            ("state.name.any_", json!(["Failed"]), SOME),
            ("state.name.any_", json!(["Fine"]), SOME),
            ("state.name.any_", json!(["Completed"]), Matches::All),
            ("state.name.not_any_", json!(["Completed", "Failed", "Fine"]), NOTHING),
            ("state.name.not_any_", json!(["Completed", "Failed"]), SOME),
            ("state.name.not_any_", json!(["Crashed"]), Matches::All),
        ] {
            self.add(condition, Shape::Paired, matches, names);
        }
        self.add("state.name.any_", Shape::Sparse, Matches::All, json!(["Busy"]));
    }
}
