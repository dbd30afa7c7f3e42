//! Which rows a query selects, and how they are found: a few by an index, or many by walking the list's order.

use std::{collections::BTreeSet, future::Future, pin::Pin};

use sea_query::Cond;
use uuid::Uuid;

use super::{
    access::{Access, Range, Ranges},
    condition::{OptionalCond, all, constant, is_true},
    key_column::KeyColumn,
    relation::Relation,
};
use crate::{error::Result, tx::ScopedTx};

/// What a filter says about the rows of its table.
pub trait Conditions: Sync {
    /// The condition of the whole filter. With `unindexed`, SQLite uses no index for it.
    fn condition(&self, unindexed: bool) -> OptionalCond;
    /// How indexes find the rows. `embedded` if they are SQLite's.
    fn access(&self, embedded: bool) -> Access;
}

/// A filter whose keys have columns.
pub trait Filter: Conditions {
    /// The keys, and what each is about.
    const KEYS: &'static [(&'static str, KeyColumn)];
}

/// The rows of a table that match a filter and have related rows that match theirs.
pub struct Selection<'q> {
    table: &'static str,
    filter: Option<&'q dyn Conditions>,
    related: Vec<(&'static Relation, Selection<'q>)>,
}

/// The ids of rows among which are all that match, if they are few.
type FewIds<'s> = Pin<Box<dyn Future<Output = Result<Option<Vec<Uuid>>>> + Send + 's>>;

/// How the rows of a selection are read.
pub(super) enum Plan {
    /// All rows that match are among those with these ids.
    Few(Vec<Uuid>),
    /// The rows are read in the list's order.
    Walk(Walk),
}

/// Ranges of an index in the list's order.
pub(super) struct Walk {
    /// The condition of each range. No row is read if there is none.
    pub ranges: Vec<Cond>,
    /// Whether the order's column is not NULL in all rows of the ranges.
    pub ordered: bool,
    /// What else the rows must fulfil.
    pub rest: OptionalCond,
}

impl<'q> Selection<'q> {
    /// The rows of `table` that match a filter.
    pub fn new<F: Conditions>(table: &'static str, filter: Option<&'q F>) -> Self {
        Self { table, filter: filter.map(|filter| filter as &dyn Conditions), related: Vec::new() }
    }

    /// Adds what a related row must fulfil, if anything was sent about it.
    pub(crate) fn with(mut self, relation: &'static Relation, related: Self) -> Self {
        if related.filter.is_some() || !related.related.is_empty() {
            self.related.push((relation, related));
        }
        self
    }

    /// The condition of all filters.
    pub(super) fn condition(&self, unindexed: bool) -> OptionalCond {
        let own = self.filter.and_then(|filter| filter.condition(unindexed));
        let related = self.related.iter().map(|(relation, related)| {
            Some(relation.exists(related.condition(unindexed).unwrap_or_else(|| constant(true))))
        });
        all([own].into_iter().chain(related))
    }

    /// The condition of all filters for rows that their ids find. The database uses no index for it, because it could otherwise read all rows
    /// of a workspace that the index has.
    pub(super) fn condition_of_few(&self, embedded: bool) -> OptionalCond {
        let condition = self.condition(embedded)?;
        Some(if embedded { condition } else { is_true(condition) })
    }

    /// Finds out how to read the rows in the order of a column.
    pub(super) async fn plan(&self, tx: &mut ScopedTx<'_>, order: &str) -> Result<Plan> {
        let mut access = self.access(tx.is_embedded());
        let parts = access.parts + self.related.len();
        if let Some(walk) = exact_walk(&access, order, parts) {
            return Ok(Plan::Walk(walk));
        }
        if let Some(ids) = first_few(tx, self.table, &access.alternatives).await? {
            return Ok(Plan::Few(ids));
        }
        let related = self.related_ranges(tx).await?;
        related.iter().cloned().for_each(|ranges| access.add(ranges.into()));
        if let Some(walk) = exact_walk(&access, order, parts) {
            return Ok(Plan::Walk(walk));
        }
        if let Some(ids) = first_few(tx, self.table, &related).await? {
            return Ok(Plan::Few(ids));
        }
        let rest = self.condition(tx.is_embedded());
        Ok(Plan::Walk(match access.in_order(order) {
            (_, 0) => Walk { ranges: vec![Cond::all()], ordered: false, rest },
            (ranges, _) => Walk { ranges, ordered: true, rest },
        }))
    }

    /// Finds ranges that contain each row that matches once, to be counted; and what else the rows must fulfil.
    pub(super) async fn plan_count(&self, tx: &mut ScopedTx<'_>) -> Result<(Vec<Range>, OptionalCond)> {
        let mut access = self.access(tx.is_embedded());
        let parts = access.parts + self.related.len();
        if let Some(ranges) = exact_ranges(&access, parts) {
            return Ok((ranges, None));
        }
        let embedded = tx.is_embedded();
        let few = |ids| (vec![Range::Known(ids)], self.condition_of_few(embedded));
        if let Some(ids) = first_few(tx, self.table, &access.alternatives).await? {
            return Ok(few(ids));
        }
        let related = self.related_ranges(tx).await?;
        related.iter().cloned().for_each(|ranges| access.add(ranges.into()));
        if let Some(ranges) = exact_ranges(&access, parts) {
            return Ok((ranges, None));
        }
        if let Some(ids) = first_few(tx, self.table, &related).await? {
            return Ok(few(ids));
        }
        let rest = self.condition(tx.is_embedded());
        let smallest = access.alternatives.into_iter().find(|ranges| ranges.disjoint && ranges.are_rows());
        Ok((smallest.map_or_else(|| vec![Range::Rows(Cond::all())], |ranges| ranges.ranges), rest))
    }

    fn access(&self, embedded: bool) -> Access {
        self.filter.map(|filter| filter.access(embedded)).unwrap_or_default()
    }

    /// The ranges of the rows that refer to the related rows, for each relation in which those are few.
    async fn related_ranges(&self, tx: &mut ScopedTx<'_>) -> Result<Vec<Ranges>> {
        let mut ranges = Vec::new();
        for (relation, related) in &self.related {
            let Some(ids) = related.few(tx).await? else {
                ranges.extend(relation.said(&related.access(tx.is_embedded())));
                continue;
            };
            let select = relation.referred(ids, related.condition_of_few(tx.is_embedded()));
            let values: Vec<(Option<Uuid>, String)> = tx.select(related.table, select).await?;
            ranges.push(relation.ranges(values.into_iter().filter_map(|(value, _)| value).collect()));
        }
        Ok(ranges)
    }

    /// The ids of rows among which are all that match, if they are few.
    fn few<'s>(&'s self, tx: &'s mut ScopedTx<'_>) -> FewIds<'s> {
        Box::pin(async move {
            let access = self.access(tx.is_embedded());
            match first_few(tx, self.table, &access.alternatives).await? {
                Some(ids) => Ok(Some(ids)),
                None => {
                    let related = self.related_ranges(tx).await?;
                    first_few(tx, self.table, &related).await
                }
            }
        })
    }
}

/// The walk that reads all rows that match and no others.
fn exact_walk(access: &Access, order: &str, parts: usize) -> Option<Walk> {
    match access.in_order(order) {
        (_, 0) if parts == 0 => Some(Walk { ranges: vec![Cond::all()], ordered: false, rest: None }),
        (_, 0) => None,
        (ranges, answered) => (answered == parts).then_some(Walk { ranges, ordered: true, rest: None }),
    }
}

/// The ranges that contain all rows that match and no others, each once.
fn exact_ranges(access: &Access, parts: usize) -> Option<Vec<Range>> {
    if let (1, [ranges]) = (parts, access.alternatives.as_slice()) {
        return ranges.disjoint.then(|| ranges.ranges.clone());
    }
    let walk = exact_walk(access, "sort_time", parts)?;
    Some(walk.ranges.into_iter().map(Range::Rows).collect())
}

/// The ids of the first ranges that contain few rows.
async fn first_few(tx: &mut ScopedTx<'_>, table: &'static str, alternatives: &[Ranges]) -> Result<Option<Vec<Uuid>>> {
    for ranges in alternatives {
        if let Some(ids) = few(tx, table, ranges).await? {
            return Ok(Some(ids));
        }
    }
    Ok(None)
}

async fn few(tx: &mut ScopedTx<'_>, table: &'static str, ranges: &Ranges) -> Result<Option<Vec<Uuid>>> {
    let (most, mut ids) = (tx.few(), BTreeSet::new());
    for range in &ranges.ranges {
        match range.clone().select(table) {
            Ok((table, mut select)) => {
                // One more, to know whether there are more than a few.
                let found: Vec<(Uuid,)> = tx.select(table, select.limit(most as u64 + 1).to_owned()).await?;
                if found.len() > most {
                    return Ok(None);
                }
                ids.extend(found.into_iter().map(|(id,)| id));
            }
            Err(known) => ids.extend(known),
        }
        if ids.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(ids.into_iter().collect()))
}
