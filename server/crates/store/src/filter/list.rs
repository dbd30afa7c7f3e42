//! Lists and counts: the rows of one table that match a client's query.

use std::{collections::BTreeSet, marker::PhantomData};

use model::{
    page::Page,
    screen::{RunCursor, RunSortKey},
};
use sea_query::{Cond, Expr, ExprTrait, NullOrdering, Order, Query, SelectStatement, Value};
use uuid::Uuid;

use super::{
    access::Range,
    condition::{OptionalCond, all, any_of, column, single},
    key_column::KeyColumn,
    selection::{Plan, Selection, Walk},
};
use crate::{
    error::Result,
    row::{Columns, Row},
    tx::ScopedTx,
};

/// The most rows of several ranges that are merged; a list that begins later is walked as a whole.
const MAX_MERGED: usize = 1_000;

/// A query for a list of rows.
pub trait List: Clone + Send + Sync + 'static {
    /// What is read: columns of `TABLE`, and of `JOINED` if the row is a join.
    type Row: Row + Columns + Send + 'static;
    /// The table whose rows are listed.
    const TABLE: &'static str;
    /// The filter that clients should add if the list reads too many rows.
    const NARROWED_BY: &'static str;
    /// A table that is joined by its id, and the column of `TABLE` that names it.
    const JOINED: Option<(&'static str, &'static str)> = None;
    /// Which rows are listed.
    fn selection(&self) -> Selection<'_>;
    /// Their order.
    fn order(&self) -> SortBy;
}

/// The order of a list.
#[derive(Clone, Debug)]
pub struct SortBy {
    column: &'static str,
    direction: Order,
    /// For a column that may be NULL, the least value that it can have. Rows without a value come last.
    least: Option<Value>,
    /// The columns that order rows with the same value, so that the order is always the same.
    ties: &'static [&'static str],
}

impl SortBy {
    /// Ascending.
    pub fn asc(column: &'static str) -> Self {
        Self { column, direction: Order::Asc, least: None, ties: &["id"] }
    }

    /// Descending.
    pub fn desc(column: &'static str) -> Self {
        Self { direction: Order::Desc, ..Self::asc(column) }
    }

    /// A column that may be NULL.
    pub(crate) fn nulls_last(self, least: impl Into<Value>) -> Self {
        Self { least: Some(least.into()), ..self }
    }

    pub(crate) fn with_ties(self, ties: &'static [&'static str]) -> Self {
        Self { ties, ..self }
    }
}

/// Which part of a list is read.
#[derive(Clone, Copy, Debug)]
pub enum Window {
    /// A page by offset.
    Page(Page),
    /// The rows nearest to a run, nearest first, of a list in the order of start times; at most so many.
    Cursor(RunCursor, u64),
}

impl Window {
    /// How many rows are skipped, and how many are read at most.
    fn offset_and_limit(self) -> (u64, u64) {
        match self {
            Self::Page(page) => (page.offset().unsigned_abs(), page.limit().unsigned_abs()),
            Self::Cursor(_, limit) => (0, limit),
        }
    }

    /// The condition of the rows after the cursor.
    fn condition(self, table: &'static str) -> OptionalCond {
        let row = || Expr::tuple([column(table, "sort_time"), column(table, "id")]);
        let place = |place: RunSortKey| Expr::tuple([Expr::value(place.time.micros()), Expr::value(place.id.0)]);
        match self {
            Self::Page(_) | Self::Cursor(RunCursor::Newest, _) => None,
            Self::Cursor(RunCursor::After(run), _) => Some(single(row().lt(place(run)))),
            Self::Cursor(RunCursor::Before(run), _) => Some(single(row().gt(place(run)))),
        }
    }

    fn sort_by(self, query: &impl List) -> SortBy {
        match self {
            Self::Page(_) => query.order(),
            Self::Cursor(RunCursor::Before(_), _) => SortBy::asc("sort_time"),
            Self::Cursor(RunCursor::Newest | RunCursor::After(_), _) => SortBy::desc("sort_time"),
        }
    }
}

/// The rows of a list that are in the window.
pub(crate) async fn rows<L: List>(tx: &mut ScopedTx<'_>, query: &L, window: Window) -> Result<Vec<L::Row>> {
    let reader = Reader { list: PhantomData::<L>, sort_by: window.sort_by(query), window };
    let selection = query.selection();
    match selection.plan(tx, reader.sort_by.column).await? {
        Plan::Few(ids) => reader.sorted(tx, ids, selection.condition_of_few(tx.is_embedded())).await,
        Plan::Walk(walk) => reader.walked(tx, walk, &selection).await,
    }
}

/// How many rows a list has, counted up to a limit if there is one.
pub(crate) async fn count<L: List>(tx: &mut ScopedTx<'_>, query: &L, limit: Option<u64>) -> Result<u64> {
    let (ranges, rest) = query.selection().plan_count(tx).await?;
    let mut total = 0;
    for range in ranges {
        let missing = match (limit, &range) {
            (Some(limit), _) => Some(limit - total),
            // The same id may be there several times, so the select is counted as it is.
            (None, Range::Ids(..)) => Some(i64::MAX.unsigned_abs()),
            (None, _) => None,
        };
        if missing != Some(0) {
            let (table, select) = counted::<L>(range, rest.clone());
            total += tx.count_selected(table, select, missing).await?;
        }
    }
    Ok(total)
}

/// Selects the rows of a range, to be counted, and the table that it is about.
fn counted<L: List>(range: Range, rest: OptionalCond) -> (&'static str, SelectStatement) {
    let (table, mut select) = match range.select(L::TABLE) {
        Ok(select) => select,
        Err(known) => {
            let mut select = Query::select();
            select.column((L::TABLE, "id")).from(L::TABLE).cond_where(any_of(column(L::TABLE, "id"), known));
            (L::TABLE, select)
        }
    };
    if let Some(rest) = rest {
        select.cond_where(rest);
    }
    (table, select)
}

/// Reads one window of a list.
struct Reader<L> {
    list: PhantomData<L>,
    sort_by: SortBy,
    window: Window,
}

impl<L: List> Reader<L> {
    /// Reads the rows with these ids that match, and sorts them.
    async fn sorted(&self, tx: &mut ScopedTx<'_>, ids: Vec<Uuid>, condition: OptionalCond) -> Result<Vec<L::Row>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (offset, limit) = self.window.offset_and_limit();
        let mut select = row::<L>();
        select.cond_where(any_of(column(L::TABLE, "id"), ids));
        for condition in [condition, self.window.condition(L::TABLE)].into_iter().flatten() {
            select.cond_where(condition);
        }
        let sorted = KeyColumn::new(L::TABLE, self.sort_by.column).sorted(tx.is_embedded());
        let direction = self.sort_by.direction.clone();
        match self.sort_by.least {
            Some(_) => select.order_by_expr_with_nulls(sorted, direction, NullOrdering::Last),
            None => select.order_by_expr(sorted, direction),
        };
        self.break_ties(&mut select);
        tx.select(L::TABLE, select.limit(limit).offset(offset).to_owned()).await
    }

    /// Reads the rows of the ranges in the list's order.
    async fn walked(&self, tx: &mut ScopedTx<'_>, walk: Walk, selection: &Selection<'_>) -> Result<Vec<L::Row>> {
        let Walk { mut ranges, ordered, rest } = walk;
        let (offset, limit) = self.window.offset_and_limit();
        match ranges.len() {
            0 => Ok(Vec::new()),
            1 => self.walked_range(tx, all([ranges.pop(), rest]), ordered).await,
            _ if offset + limit <= MAX_MERGED as u64 => self.merged(tx, ranges, rest).await,
            _ => self.walked_range(tx, selection.condition(tx.is_embedded()), ordered).await,
        }
    }

    async fn walked_range(&self, tx: &mut ScopedTx<'_>, condition: OptionalCond, ordered: bool) -> Result<Vec<L::Row>> {
        let (offset, limit) = self.window.offset_and_limit();
        let in_order =
            |condition: OptionalCond| self.in_order(row::<L>(), all([condition, self.window.condition(L::TABLE)]));
        let Some(least) = self.sort_by.least.clone().filter(|_| !ordered) else {
            return tx.select(L::TABLE, in_order(condition).limit(limit).offset(offset).to_owned()).await;
        };
        // Not IS NOT NULL, for which SQLite uses no index.
        let sorted = column(L::TABLE, self.sort_by.column);
        let with_value = all([Some(single(sorted.clone().gte(Expr::value(least)))), condition.clone()]);
        let mut rows: Vec<L::Row> =
            tx.select(L::TABLE, in_order(with_value.clone()).limit(limit).offset(offset).to_owned()).await?;
        let missing = limit - rows.len() as u64;
        if missing > 0 {
            let skipped = if rows.is_empty() && offset > 0 {
                tx.count_selected(L::TABLE, ids::<L>(with_value), Some(offset)).await?
            } else {
                offset
            };
            let without_value = all([Some(single(sorted.is_null())), condition]);
            let mut select = row::<L>();
            select.cond_where(without_value.unwrap_or_else(Cond::all));
            self.break_ties(&mut select);
            rows.extend(
                tx.select::<L::Row>(L::TABLE, select.limit(missing).offset(offset - skipped).to_owned()).await?,
            );
        }
        Ok(rows)
    }

    /// Reads the first rows of each range, and of these the first.
    async fn merged(&self, tx: &mut ScopedTx<'_>, ranges: Vec<Cond>, rest: OptionalCond) -> Result<Vec<L::Row>> {
        let (offset, limit) = self.window.offset_and_limit();
        let mut found = BTreeSet::new();
        for range in ranges {
            let mut select = Query::select();
            select.column((L::TABLE, self.sort_by.column)).column((L::TABLE, "id")).from(L::TABLE);
            let condition = all([Some(range), rest.clone(), self.window.condition(L::TABLE)]);
            let select = self.in_order(select, condition).limit(offset + limit).to_owned();
            found.extend(tx.select::<(i64, Uuid)>(L::TABLE, select).await?);
        }
        let ids = found.into_iter().map(|(_, id)| id);
        let mut ids: Vec<Uuid> =
            if self.sort_by.direction == Order::Desc { ids.rev().collect() } else { ids.collect() };
        ids.truncate(usize::try_from(offset + limit).unwrap_or(MAX_MERGED));
        self.sorted(tx, ids, None).await
    }

    fn in_order(&self, mut select: SelectStatement, condition: OptionalCond) -> SelectStatement {
        if let Some(condition) = condition {
            select.cond_where(condition);
        }
        let sorted = KeyColumn::new(L::TABLE, self.sort_by.column).expr();
        select.order_by_expr(sorted, self.sort_by.direction.clone());
        self.break_ties(&mut select);
        select
    }

    fn break_ties(&self, select: &mut SelectStatement) {
        for column in self.sort_by.ties.iter().filter(|column| **column != self.sort_by.column) {
            select.order_by((L::TABLE, *column), self.sort_by.direction.clone());
        }
    }
}

/// Selects all rows.
fn row<L: List>() -> SelectStatement {
    let mut select = Query::select();
    let tables = [L::TABLE].into_iter().chain(L::JOINED.map(|(table, _)| table));
    for (table, columns) in tables.zip(L::Row::TABLES) {
        select.columns(columns.iter().map(|name| (table, *name)));
    }
    select.from(L::TABLE);
    if let Some((table, reference)) = L::JOINED {
        let of_workspace = column(table, "workspace_id").equals((L::TABLE, "workspace_id"));
        select.inner_join(table, of_workspace.and(column(table, "id").equals((L::TABLE, reference))));
    }
    select
}

fn ids<L: List>(condition: OptionalCond) -> SelectStatement {
    let mut select = Query::select();
    select.column((L::TABLE, "id")).from(L::TABLE).cond_where(condition.unwrap_or_else(Cond::all));
    select
}
