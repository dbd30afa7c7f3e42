//! Turns the filters of `model` into conditions. Text comes from sea-query alone: no part of a client's input becomes SQL.

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
pub use run_list::{ListedRun, match_run_list, select_listed, select_run_list};
pub use task_run::select_task_runs;

/// The condition of one part of a filter; none constrains nothing.
type Part = Option<Cond>;

/// The parts of a filter, joined as the client asks.
fn join(operator: Operator, parts: impl IntoIterator<Item = Part>) -> Part {
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

fn just(condition: Expr) -> Cond {
    Cond::all().add(condition)
}

/// An empty list matches nothing.
fn any_of<V: Into<sea_query::Value>>(column: Expr, values: impl IntoIterator<Item = V>) -> Cond {
    let values: Vec<sea_query::Value> = values.into_iter().map(Into::into).collect();
    if values.is_empty() { just(Expr::value(1).eq(0)) } else { just(column.is_in(values)) }
}

fn id<T: Copy + Into<Uuid>>(filter: Option<&IdFilter<T>>, column: &Expr) -> Part {
    let filter = filter?;
    let any = filter.any_.as_ref().map(|ids| any_of(column.clone(), ids.iter().map(|id| (*id).into())));
    let not_any = filter.not_any_.as_ref().filter(|ids| !ids.is_empty()).map(|ids| {
        let ids: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
        just(column.clone().is_not_in(ids))
    });
    join(Operator::And, [any, not_any])
}

fn optional_id<T: Copy + Into<Uuid>>(filter: Option<&OptionalIdFilter<T>>, column: &Expr) -> Part {
    let filter = filter?;
    let any = filter.any_.as_ref().map(|ids| any_of(column.clone(), ids.iter().map(|id| (*id).into())));
    let is_null = filter.is_null_.map(|null| null_or_not(column, null));
    join(filter.operator, [any, is_null])
}

fn null_or_not(column: &Expr, null: bool) -> Cond {
    just(if null { column.clone().is_null() } else { column.clone().is_not_null() })
}

fn name(filter: Option<&NameFilter>, column: &Expr) -> Part {
    let filter = filter?;
    let any = filter.any_.as_ref().map(|names| any_of(column.clone(), names.iter().cloned()));
    let like = filter.like_.as_deref().filter(|text| !text.is_empty()).map(|text| just(contains(column, text)));
    join(Operator::And, [any, like])
}

/// Whether the column holds the text, in upper or lower case: LIKE alone folds case on SQLite only. Both sides are folded by the same hand,
/// so that a text is always found by itself; which letters PostgreSQL folds is up to its database's locale.
fn contains(column: &Expr, text: &str) -> Expr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = Expr::expr(Func::lower(Expr::value(format!("%{escaped}%"))));
    let pattern = pattern.binary(BinOper::Escape, Expr::Constant('\\'.into()));
    Expr::expr(Func::lower(column.clone())).binary(BinOper::Like, pattern)
}

fn time(filter: Option<&TimeFilter>, column: &Expr) -> Part {
    let filter = filter?;
    between(column, filter.after_, filter.before_)
}

/// Both ends are included.
fn between(column: &Expr, after: Option<Timestamp>, before: Option<Timestamp>) -> Part {
    let after = after.map(|time| just(column.clone().gte(time.micros())));
    let before = before.map(|time| just(column.clone().lte(time.micros())));
    join(Operator::And, [after, before])
}

fn state(filter: Option<&StateFilter>, table: &'static str) -> Part {
    let filter = filter?;
    let types = filter.state_type.as_ref().and_then(|types| types.any_.as_ref());
    let names = filter.name.as_ref().and_then(|names| names.any_.as_ref());
    let by_type = types.map(|types| any_of(column(table, "state_type"), types.iter().map(|ty| ty.as_str())));
    let by_name = names.map(|names| {
        let named = any_of(column(table, "state_name"), names.iter().cloned());
        let own = names.iter().all(|name| StateType::from_word(&name.to_uppercase()).is_none());
        // Says nothing new, and leads to the index of runs whose state has a name of its own.
        named.add_option(own.then(|| is_default_name(table, false)))
    });
    join(filter.operator, [by_type, by_name])
}

/// Whether a state goes by the name of its type. The words of the index `flow_run_by_name`: databases compare them literally.
fn is_default_name(table: &'static str, is: bool) -> Expr {
    let name = Expr::expr(Func::upper(column(table, "state_name")));
    if is { name.eq(column(table, "state_type")) } else { name.ne(column(table, "state_type")) }
}

/// Where the tags of something lie.
struct Tags {
    /// The table of what is tagged.
    tagged: &'static str,
    tags: &'static str,
    /// The column that says whose tag it is.
    whose: &'static str,
}

impl Tags {
    fn condition(&self, filter: Option<&TagsFilter>) -> Part {
        let filter = filter?;
        let all = filter.all_.as_deref().filter(|tags| !tags.is_empty()).map(|tags| self.all(tags));
        let any = filter.any_.as_deref().map(|tags| match tags {
            [] => any_of::<String>(Expr::value(1), []),
            tags => just(Expr::exists(self.matching(Expr::value(1), tags))),
        });
        let is_null = filter.is_null_.map(|null| {
            let exists = Expr::exists(self.own(Expr::value(1)));
            just(if null { exists.not() } else { exists })
        });
        join(filter.operator, [all, any, is_null])
    }

    /// The first tag lets a database begin with the tag's index. The others are counted: a condition for each would be more than SQLite
    /// takes in one expression.
    fn all(&self, tags: &[String]) -> Cond {
        let others: BTreeSet<&String> = tags.iter().filter(|tag| **tag != tags[0]).collect();
        let has_first = just(Expr::exists(self.matching(Expr::value(1), &tags[..1])));
        if others.is_empty() {
            return has_first;
        }
        let count = others.len() as u64;
        has_first.add(Expr::from(self.matching(Func::count(Expr::col(Asterisk)).into(), others)).eq(count))
    }

    /// The tags of what the outer query looks at.
    fn own(&self, what: Expr) -> SelectStatement {
        let mut select = Query::select();
        select
            .expr(what)
            .from(self.tags)
            .and_where(column(self.tags, "workspace_id").equals((self.tagged, "workspace_id")))
            .and_where(column(self.tags, self.whose).equals((self.tagged, "id")));
        select
    }

    fn matching<'t>(&self, what: Expr, tags: impl IntoIterator<Item = &'t String>) -> SelectStatement {
        let mut select = self.own(what);
        select.and_where(column(self.tags, "tag").is_in(tags.into_iter().cloned()));
        select
    }
}

/// Orders by a column and then by id, so that rows of the same value stand in a fixed order. Where there is no value comes last.
fn order(select: &mut SelectStatement, table: &'static str, by: &'static str, order: Order) {
    if by == "id" {
        select.order_by((table, "id"), order);
    } else {
        select
            .order_by_with_nulls((table, by), order.clone(), sea_query::NullOrdering::Last)
            .order_by((table, "id"), order);
    }
}

/// Limit and offset, never negative.
fn page(select: &mut SelectStatement, page: model::page::Page) {
    select.limit(page.limit().unsigned_abs()).offset(page.offset().unsigned_abs());
}

/// The columns of a record, from one table.
fn columns(select: &mut SelectStatement, table: &'static str, names: &[&'static str]) {
    for name in names {
        select.column((table, *name));
    }
}
