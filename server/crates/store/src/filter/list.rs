//! Lists and counts: the rows of one table that match a client's query.

use model::page::Page;
use sea_query::{Asterisk, Cond, Expr, ExprTrait, Func, NullOrdering, Order, Query, SelectStatement};

use super::{
    condition::{OptionalCond, column, constant},
    key::KeyColumn,
};
use crate::row::{Columns, Row};

/// A filter whose keys have columns.
pub trait Filter {
    /// The keys, and what each is about.
    const KEYS: &'static [(&'static str, KeyColumn)];
    /// The condition of the whole filter.
    fn condition(&self) -> Option<Cond>;
}

/// A query of a client for a list of rows.
pub trait List {
    /// What is read: columns of `TABLE`, and of `JOINED` if the row is a join.
    type Row: Row + Columns;
    /// The table whose rows are listed.
    const TABLE: &'static str;
    /// A table that is joined by its id, and the column of `TABLE` that names it.
    const JOINED: Option<(&'static str, &'static str)> = None;
    /// The filters.
    fn condition(&self) -> Option<Cond>;
    /// The column and the direction of the order.
    fn order(&self) -> (&'static str, Order);
    /// Whether the order's column is never NULL. Otherwise rows without a value come last, for which no index can be used.
    fn order_is_total(&self) -> bool {
        true
    }
    /// Whether the filter lists ids, so that few rows are left to sort, by a number that has an index.
    fn selects_few(&self) -> bool {
        false
    }
}

/// The condition of a filter that was sent; an empty one matches every row.
pub(super) fn sent<F: Filter>(filter: Option<&F>) -> OptionalCond {
    filter.map(|filter| filter.condition().unwrap_or_else(|| constant(true)))
}

/// Selects a page of the rows that match.
///
/// Rows with the same value are ordered by id, so that the order is always the same.
#[must_use]
pub fn select<L: List>(query: &L, page: Page) -> SelectStatement {
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
    if let Some(condition) = query.condition() {
        select.cond_where(condition);
    }
    let (by, direction) = query.order();
    if by == "id" {
        // The last order, below.
    } else if !query.order_is_total() {
        select.order_by_with_nulls((L::TABLE, by), direction.clone(), NullOrdering::Last);
    } else if query.selects_few() {
        // No index has the sum. Ordered by the bare column, SQLite would scan the index of all rows to find a few.
        select.order_by_expr(column(L::TABLE, by).add(0), direction.clone());
    } else {
        select.order_by((L::TABLE, by), direction.clone());
    }
    select.order_by((L::TABLE, "id"), direction);
    select.limit(page.limit().unsigned_abs()).offset(page.offset().unsigned_abs());
    select
}

/// Counts the rows that match. Clients get the exact number, so only the time limit of a read bounds this.
#[must_use]
pub fn count<L: List>(query: &L) -> SelectStatement {
    let mut select = Query::select();
    select.expr(Func::count(Expr::col(Asterisk))).from(L::TABLE);
    if let Some(condition) = query.condition() {
        select.cond_where(condition);
    }
    select
}
