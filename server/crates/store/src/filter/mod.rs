//! Turns the filters of `model` into SQL conditions. sea-query writes the text, and a client's input is only ever bound as a value.

mod flow;
mod flow_run;
mod log;
mod run_list;
mod task_run;

use std::collections::BTreeSet;

use model::{
    filter::{IdFilter, NameFilter, Operator, OptionalIdFilter, StateFilter, TagsFilter, TimeFilter},
    state::StateType,
    time::Timestamp,
};
use sea_query::{Asterisk, BinOper, Cond, Expr, ExprTrait, Func, Order, Query, SelectStatement};
use uuid::Uuid;

pub use flow::select_flows;
pub use flow_run::{count_flow_runs, flow_runs_counted_by_state, select_flow_runs};
pub use log::select_logs;
pub use run_list::{ListedRun, select_matching_runs, select_run_list, select_run_list_ids};
pub use task_run::select_task_runs;

/// The condition of one part of a filter. None matches every row.
type OptionalCond = Option<Cond>;

/// Joins the conditions by the filter's operator.
fn join(operator: Operator, parts: impl IntoIterator<Item = OptionalCond>) -> OptionalCond {
    let mut parts = parts.into_iter().flatten().peekable();
    parts.peek()?;
    let start = match operator {
        Operator::And => Cond::all(),
        Operator::Or => Cond::any(),
    };
    Some(parts.fold(start, Cond::add))
}

fn column(table: &'static str, name: &'static str) -> Expr {
    Expr::col((table, name))
}

fn single(condition: Expr) -> Cond {
    Cond::all().add(condition)
}

/// Whether the column has one of these values. An empty list matches no row.
fn any_of<V: Into<sea_query::Value>>(column: Expr, values: impl IntoIterator<Item = V>) -> Cond {
    let values: Vec<sea_query::Value> = values.into_iter().map(Into::into).collect();
    if values.is_empty() { single(Expr::value(1).eq(0)) } else { single(column.is_in(values)) }
}

fn id<T: Copy + Into<Uuid>>(filter: Option<&IdFilter<T>>, column: &Expr) -> OptionalCond {
    let filter = filter?;
    let any = filter.any_.as_ref().map(|ids| any_of(column.clone(), ids.iter().map(|id| (*id).into())));
    let not_any = filter.not_any_.as_ref().filter(|ids| !ids.is_empty()).map(|ids| {
        let ids: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
        single(column.clone().is_not_in(ids))
    });
    join(Operator::And, [any, not_any])
}

fn optional_id<T: Copy + Into<Uuid>>(filter: Option<&OptionalIdFilter<T>>, column: &Expr) -> OptionalCond {
    let filter = filter?;
    let any = filter.any_.as_ref().map(|ids| any_of(column.clone(), ids.iter().map(|id| (*id).into())));
    let is_null = filter.is_null_.map(|null| null_or_not(column, null));
    join(filter.operator, [any, is_null])
}

fn null_or_not(column: &Expr, null: bool) -> Cond {
    single(if null { column.clone().is_null() } else { column.clone().is_not_null() })
}

fn name(filter: Option<&NameFilter>, column: &Expr) -> OptionalCond {
    let filter = filter?;
    let any = filter.any_.as_ref().map(|names| any_of(column.clone(), names.iter().cloned()));
    let like = filter.like_.as_deref().filter(|text| !text.is_empty()).map(|text| single(contains(column, text)));
    join(Operator::And, [any, like])
}

/// Whether the column contains the text, ignoring case, which LIKE alone does only on SQLite. The database folds both sides, so a text
/// always matches itself. Which letters PostgreSQL folds depends on the database's locale.
fn contains(column: &Expr, text: &str) -> Expr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = Expr::expr(Func::lower(Expr::value(format!("%{escaped}%"))));
    let pattern = pattern.binary(BinOper::Escape, Expr::Constant('\\'.into()));
    Expr::expr(Func::lower(column.clone())).binary(BinOper::Like, pattern)
}

fn time(filter: Option<&TimeFilter>, column: &Expr) -> OptionalCond {
    let filter = filter?;
    between(column, filter.after_, filter.before_)
}

/// Whether the time is in the interval, ends included.
fn between(column: &Expr, after: Option<Timestamp>, before: Option<Timestamp>) -> OptionalCond {
    let after = after.map(|time| single(column.clone().gte(time.micros())));
    let before = before.map(|time| single(column.clone().lte(time.micros())));
    join(Operator::And, [after, before])
}

fn state(filter: Option<&StateFilter>, table: &'static str) -> OptionalCond {
    let filter = filter?;
    let types = filter.state_type.as_ref().and_then(|types| types.any_.as_ref());
    let names = filter.name.as_ref().and_then(|names| names.any_.as_ref());
    let by_type = types.map(|types| any_of(column(table, "state_type"), types.iter().map(|ty| ty.as_str())));
    let by_name = names.map(|names| {
        let named = any_of(column(table, "state_name"), names.iter().cloned());
        let custom = names.iter().all(|name| StateType::parse(&name.to_uppercase()).is_none());
        // Redundant, but lets the database use the partial index of runs whose state has a custom name.
        named.add_option(custom.then(|| is_default_name(table, false)))
    });
    join(filter.operator, [by_type, by_name])
}

/// Whether a state has, or has not, the name of its type. The text must equal that of the partial index `flow_run_by_name`, because
/// databases compare the two literally.
fn is_default_name(table: &'static str, expected: bool) -> Expr {
    let name = Expr::expr(Func::upper(column(table, "state_name")));
    if expected { name.eq(column(table, "state_type")) } else { name.ne(column(table, "state_type")) }
}

/// The tables of tagged objects and of their tags.
struct Tags {
    /// The table of the tagged objects.
    owner: &'static str,
    tags: &'static str,
    /// The column of `tags` with the id of the tagged object.
    owner_column: &'static str,
}

impl Tags {
    fn condition(&self, filter: Option<&TagsFilter>) -> OptionalCond {
        let filter = filter?;
        let all = filter.all_.as_deref().filter(|tags| !tags.is_empty()).map(|tags| self.all(tags));
        let any = filter.any_.as_deref().map(|tags| match tags {
            [] => any_of::<String>(Expr::value(1), []),
            tags => single(Expr::exists(self.matching(Expr::value(1), tags))),
        });
        let is_null = filter.is_null_.map(|null| {
            let exists = Expr::exists(self.of_row(Expr::value(1)));
            single(if null { exists.not() } else { exists })
        });
        join(filter.operator, [all, any, is_null])
    }

    /// The first tag has its own condition, so that the database can start from the index of tags. The others are counted, because with a
    /// condition for each the expression could exceed SQLite's depth limit.
    fn all(&self, tags: &[String]) -> Cond {
        let others: BTreeSet<&String> = tags.iter().filter(|tag| **tag != tags[0]).collect();
        let has_first = single(Expr::exists(self.matching(Expr::value(1), &tags[..1])));
        if others.is_empty() {
            return has_first;
        }
        let count = others.len() as u64;
        has_first.add(Expr::from(self.matching(Func::count(Expr::col(Asterisk)).into(), others)).eq(count))
    }

    /// The tags of the outer query's row.
    fn of_row(&self, expr: Expr) -> SelectStatement {
        let mut select = Query::select();
        select
            .expr(expr)
            .from(self.tags)
            .and_where(column(self.tags, "workspace_id").equals((self.owner, "workspace_id")))
            .and_where(column(self.tags, self.owner_column).equals((self.owner, "id")));
        select
    }

    fn matching<'t>(&self, expr: Expr, tags: impl IntoIterator<Item = &'t String>) -> SelectStatement {
        let mut select = self.of_row(expr);
        select.and_where(column(self.tags, "tag").is_in(tags.into_iter().cloned()));
        select
    }
}

/// Orders by a column and then by id, so that the order is always the same. NULL comes last.
fn order(select: &mut SelectStatement, table: &'static str, by: &'static str, order: Order) {
    if by == "id" {
        select.order_by((table, "id"), order);
    } else {
        select
            .order_by_with_nulls((table, by), order.clone(), sea_query::NullOrdering::Last)
            .order_by((table, "id"), order);
    }
}

/// Applies limit and offset.
fn paginate(select: &mut SelectStatement, page: model::page::Page) {
    select.limit(page.limit().unsigned_abs()).offset(page.offset().unsigned_abs());
}

/// Selects the columns of a record from one table.
fn columns(select: &mut SelectStatement, table: &'static str, names: &[&'static str]) {
    for name in names {
        select.column((table, *name));
    }
}
