//! How indexes find the rows that a condition matches.

use std::collections::BTreeSet;

use model::filter::Operator;
use sea_query::{Cond, Expr, ExprTrait, Query, SelectStatement, Value};
use uuid::Uuid;

use super::{
    absence::absent,
    condition::{any_of, single},
    key_column::KeyColumn,
};

/// The most ranges of one index that are merged.
const MAX_RANGES: usize = 32;

/// Rows that one index finds, and no others.
#[derive(Clone)]
pub enum Range {
    /// The rows of the listed table that match.
    Rows(Cond),
    /// The rows whose ids are found in a column of another table.
    Ids(&'static str, Box<SelectStatement>),
    /// The rows with these ids.
    Known(Vec<Uuid>),
}

/// The ranges of an index that together contain all rows which a condition matches.
#[derive(Clone)]
pub struct Ranges {
    pub ranges: Vec<Range>,
    /// The column by which the index orders the rows of each range.
    pub order: Option<&'static str>,
    /// Whether this is one range of that column, so that it can be joined with ranges of other columns in that order.
    pub bounds: bool,
    /// Whether no row is in two ranges.
    pub disjoint: bool,
    /// A column, and the values among which it is in all rows that match. Related rows may refer to these values.
    pub values: Option<(&'static str, Vec<Uuid>)>,
}

impl Ranges {
    pub fn new(ranges: impl IntoIterator<Item = Range>) -> Self {
        Self { ranges: ranges.into_iter().collect(), order: None, bounds: false, disjoint: true, values: None }
    }

    pub fn rows(condition: Cond) -> Self {
        Self::new([Range::Rows(condition)])
    }

    pub fn ids(table: &'static str, select: SelectStatement) -> Self {
        Self::new([Range::Ids(table, Box::new(select))])
    }

    /// The rows whose column has one of these values.
    pub fn equal<V: Into<Value> + Ord>(about: KeyColumn, values: impl IntoIterator<Item = V>) -> Self {
        let values: BTreeSet<V> = values.into_iter().collect();
        match about.order() {
            Some(order) if values.len() <= MAX_RANGES => {
                let each = values.into_iter().map(|value| Range::Rows(single(about.expr().eq(value))));
                Self::new(each).in_order_of(order)
            }
            _ => Self::rows(any_of(about.expr(), values)),
        }
    }

    /// The rows whose column has a value that is none of these: those between one value and the next. None for too many values.
    pub fn between<V: Into<Value> + Ord + Clone>(
        about: KeyColumn,
        values: impl IntoIterator<Item = V>,
    ) -> Option<Self> {
        let values: BTreeSet<V> = values.into_iter().collect();
        if values.is_empty() || values.len() >= MAX_RANGES {
            return None;
        }
        let after = [None].into_iter().chain(values.iter().cloned().map(Some));
        let before = values.iter().cloned().map(Some).chain([None]);
        let ranges = after.zip(before).map(|(after, before)| {
            let after = after.map(|value| about.expr().gt(value));
            Range::Rows(Cond::all().add_option(after).add_option(before.map(|value| about.expr().lt(value))))
        });
        Some(Self::new(ranges))
    }

    /// The rows whose column is NULL, or has a value: not less than `least`, because SQLite uses no index for IS NOT NULL.
    pub fn null(about: KeyColumn, null: bool, least: impl Into<Value>) -> Self {
        let expr = about.expr();
        let rows = || Self::rows(single(if null { expr.is_null() } else { expr.gte(Expr::value(least)) }));
        Self::absent(about, null).unwrap_or_else(rows)
    }

    /// The rows without the column's value, or with one, if an index lists rows by that.
    pub fn absent(about: KeyColumn, expected: bool) -> Option<Self> {
        Some(Self::rows(single(absent(about, expected)?)))
    }

    /// The rows whose column has one of these ids.
    pub fn ids_of(about: KeyColumn, ids: impl IntoIterator<Item = Uuid>) -> Self {
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let ranges = match about.name {
            "id" => Self::new([Range::Known(ids.clone())]),
            _ => Self::equal(about, ids.iter().copied()),
        };
        Self { values: Some((about.name, ids)), ..ranges }
    }

    /// Whether all are rows of the listed table.
    pub fn are_rows(&self) -> bool {
        self.ranges.iter().all(|range| matches!(range, Range::Rows(_)))
    }

    pub fn in_order_of(self, order: &'static str) -> Self {
        Self { order: Some(order), ..self }
    }

    /// Rows of one range of the column by which its index is ordered.
    pub fn bounds(order: &'static str, condition: Cond) -> Self {
        Self { bounds: true, ..Self::rows(condition).in_order_of(order) }
    }
}

/// How the rows that match a filter can be found.
#[derive(Clone, Default)]
pub struct Access {
    /// How many conditions there are, all of which must match.
    pub parts: usize,
    /// For each condition that an index answers, its ranges. Any of them contains all rows that match.
    pub alternatives: Vec<Ranges>,
}

impl Access {
    /// A condition that no index answers.
    pub fn scan() -> Self {
        Self { parts: 1, alternatives: Vec::new() }
    }

    /// Conditions that must all match.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        parts.into_iter().for_each(|part| all.add(part));
        all
    }

    pub fn add(&mut self, part: Self) {
        self.parts += part.parts;
        self.alternatives.extend(part.alternatives);
    }

    /// Conditions of which one must match.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<Self> = parts.into_iter().collect();
        match parts.as_slice() {
            [] => return Self::default(),
            [_] => return Self::all(parts),
            parts if parts.iter().any(|part| part.parts == 0) => return Self::default(),
            _ => {}
        }
        let mut union = Vec::new();
        for part in parts {
            let Some(ranges) = part.alternatives.into_iter().next() else { return Self::scan() };
            union.extend(ranges.ranges);
        }
        if union.len() > MAX_RANGES {
            return Self::scan();
        }
        // One range may contain rows of another, and rows that the rest of its part excludes.
        Self { parts: 2, alternatives: vec![Ranges { disjoint: false, ..Ranges::new(union) }] }
    }

    /// The conditions of ranges in the list's order, and how many of the parts they answer. Without a range in that order: none, and zero.
    pub fn in_order(&self, order: &str) -> (Vec<Cond>, usize) {
        let ordered = || self.alternatives.iter().filter(|ranges| ranges.order == Some(order));
        let bounds: Vec<&Ranges> = ordered().filter(|ranges| ranges.bounds).collect();
        let bound =
            bounds.iter().flat_map(|ranges| &ranges.ranges).filter_map(Range::condition).fold(Cond::all(), Cond::add);
        match ordered().find(|ranges| !ranges.bounds && ranges.ranges.len() <= MAX_RANGES) {
            None if bounds.is_empty() => (Vec::new(), 0),
            None => (vec![bound], bounds.len()),
            Some(split) => {
                let parts = if split.disjoint { 1 } else { 0 };
                let each = split.ranges.iter().filter_map(Range::condition);
                (each.map(|range| Cond::all().add(range).add(bound.clone())).collect(), parts + bounds.len())
            }
        }
    }
}

impl From<Ranges> for Access {
    fn from(ranges: Ranges) -> Self {
        Self { parts: 1, alternatives: vec![ranges] }
    }
}

impl From<Option<Ranges>> for Access {
    fn from(ranges: Option<Ranges>) -> Self {
        ranges.map_or_else(Self::scan, Self::from)
    }
}

impl Range {
    /// Selects the ids of its rows, and names the table that the select is about; or the ids, if they are known.
    pub fn select(self, table: &'static str) -> Result<(&'static str, SelectStatement), Vec<Uuid>> {
        match self {
            Self::Rows(condition) => {
                let mut select = Query::select();
                select.column((table, "id")).from(table).cond_where(condition);
                Ok((table, select))
            }
            Self::Ids(table, select) => Ok((table, *select)),
            Self::Known(ids) => Err(ids),
        }
    }

    fn condition(&self) -> Option<Cond> {
        match self {
            Self::Rows(condition) => Some(condition.clone()),
            Self::Ids(..) | Self::Known(_) => None,
        }
    }
}

/// Joins the conditions that were sent by the filter's operator.
pub(super) fn joined(operator: Operator, parts: impl IntoIterator<Item = Option<Access>>) -> Access {
    let parts = parts.into_iter().flatten();
    match operator {
        Operator::And => Access::all(parts),
        Operator::Or => Access::any(parts),
    }
}
