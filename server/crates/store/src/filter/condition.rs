//! Conditions of SQL, and how they are joined.

use model::{filter::Operator, time::Timestamp};
use sea_query::{BinOper, Cond, Expr, ExprTrait, Func};

/// The condition of one part of a filter. None matches every row.
pub(super) type OptionalCond = Option<Cond>;

/// Joins the conditions by the filter's operator.
pub(super) fn join(operator: Operator, parts: impl IntoIterator<Item = OptionalCond>) -> OptionalCond {
    let mut parts = parts.into_iter().flatten().peekable();
    parts.peek()?;
    let start = match operator {
        Operator::And => Cond::all(),
        Operator::Or => Cond::any(),
    };
    Some(parts.fold(start, Cond::add))
}

/// Joins the conditions of the keys that were sent. One without a condition matches every row.
pub(super) fn join_keys(operator: Operator, keys: impl IntoIterator<Item = Option<OptionalCond>>) -> OptionalCond {
    let keys = keys.into_iter().flatten();
    match operator {
        Operator::And => all(keys),
        Operator::Or => join(operator, keys.map(|key| key.or_else(|| Some(constant(true))))),
    }
}

/// Joins the conditions that must all match.
pub(super) fn all(parts: impl IntoIterator<Item = OptionalCond>) -> OptionalCond {
    join(Operator::And, parts)
}

pub(super) fn column(table: &'static str, name: &'static str) -> Expr {
    Expr::col((table, name))
}

/// The same condition, in a form for which PostgreSQL uses no index.
pub(super) fn is_true(condition: Cond) -> Cond {
    single(Expr::cust_with_expr("($1) IS TRUE", Expr::from(condition)))
}

pub(super) fn single(condition: Expr) -> Cond {
    Cond::all().add(condition)
}

/// A condition that matches every row, or none.
pub(super) fn constant(matches: bool) -> Cond {
    single(Expr::value(1).eq(i32::from(matches)))
}

/// Whether the column has one of these values. An empty list matches no row.
pub(super) fn any_of<V: Into<sea_query::Value>>(column: Expr, values: impl IntoIterator<Item = V>) -> Cond {
    let values: Vec<sea_query::Value> = values.into_iter().map(Into::into).collect();
    if values.is_empty() { constant(false) } else { single(column.is_in(values)) }
}

/// Whether the column has a value, and none of these. An empty list matches every row.
pub(super) fn none_of<V: Into<sea_query::Value>>(column: Expr, values: impl IntoIterator<Item = V>) -> OptionalCond {
    let values: Vec<sea_query::Value> = values.into_iter().map(Into::into).collect();
    (!values.is_empty()).then(|| single(column.is_not_in(values)))
}

pub(super) fn null_or_not(column: &Expr, null: bool) -> Cond {
    single(if null { column.clone().is_null() } else { column.clone().is_not_null() })
}

/// Whether the column contains the text, ignoring case, which LIKE alone does only on SQLite. The database folds both sides, so a text
/// always matches itself. Which letters PostgreSQL folds depends on the database's locale.
pub(super) fn contains(column: &Expr, text: &str) -> Expr {
    matches_pattern(column, &pattern_of(text))
}

/// The pattern of LIKE that texts match which contain this one.
pub(super) fn pattern_of(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Whether the column matches a pattern of LIKE, ignoring case.
pub(super) fn matches_pattern(column: &Expr, pattern: &str) -> Expr {
    let pattern = Expr::expr(Func::lower(Expr::value(pattern.to_owned())));
    let pattern = pattern.binary(BinOper::Escape, Expr::Constant('\\'.into()));
    Expr::expr(Func::lower(column.clone())).binary(BinOper::Like, pattern)
}

/// Whether the time is in the interval, ends included.
pub(super) fn between(column: &Expr, after: Option<Timestamp>, before: Option<Timestamp>) -> OptionalCond {
    let after = after.map(|time| single(column.clone().gte(time.micros())));
    let before = before.map(|time| single(column.clone().lte(time.micros())));
    all([after, before])
}
