//! Which flow runs a page lists.

use model::{
    filter::Operator,
    id::FlowRunId,
    screen::{RunCursor, RunFilter, RunPlace},
    time::Timestamp,
};
use sea_query::{Asterisk, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::{Part, any_of, between, column, columns, join};
use crate::{
    row::{Beside, Record},
    screen::{FlowNameRow, RunListRow},
};

const RUN: &str = "flow_run";
const FLOW: &str = "flow";

/// A run of the list with its flow.
pub type ListedRun = Beside<RunListRow, FlowNameRow>;

fn matching(filter: &RunFilter, now: Timestamp) -> Part {
    let by_type = (!filter.types.is_empty())
        .then(|| any_of(column(RUN, "state_type"), filter.types.iter().map(|state_type| state_type.as_str())));
    let by_name = (!filter.names.is_empty()).then(|| any_of(column(RUN, "state_name"), filter.names.iter().cloned()));
    let by_state = join(Operator::Or, [by_type, by_name]);
    let (from, to) = filter.since.bounds(now);
    join(Operator::And, [by_state, between(&column(RUN, "sort_time"), from, to)])
}

fn select(filter: &RunFilter, now: Timestamp) -> SelectStatement {
    let mut select = Query::select();
    columns(&mut select, RUN, RunListRow::NAMES);
    columns(&mut select, FLOW, FlowNameRow::NAMES);
    select.from(RUN).inner_join(
        FLOW,
        column(FLOW, "workspace_id").equals((RUN, "workspace_id")).and(column(FLOW, "id").equals((RUN, "flow_id"))),
    );
    if let Some(condition) = matching(filter, now) {
        select.cond_where(condition);
    }
    select
}

/// A page of the runs that match. What comes before a row is answered the other way round, nearest first.
#[must_use]
pub fn select_run_list(filter: &RunFilter, now: Timestamp, cursor: RunCursor, limit: u64) -> SelectStatement {
    let mut select = select(filter, now);
    let row = || Expr::tuple([column(RUN, "sort_time"), column(RUN, "id")]);
    let here = |place: RunPlace| Expr::tuple([Expr::value(place.time.micros()), Expr::value(place.id.0)]);
    let direction = match cursor {
        RunCursor::Newest => Order::Desc,
        RunCursor::After(place) => {
            select.and_where(row().lt(here(place)));
            Order::Desc
        }
        RunCursor::Before(place) => {
            select.and_where(row().gt(here(place)));
            Order::Asc
        }
    };
    select.order_by((RUN, "sort_time"), direction.clone()).order_by((RUN, "id"), direction).limit(limit);
    select
}

/// Those of these runs that match.
#[must_use]
pub fn select_listed(filter: &RunFilter, now: Timestamp, ids: impl IntoIterator<Item = FlowRunId>) -> SelectStatement {
    let mut select = select(filter, now);
    select.cond_where(any_of(column(RUN, "id"), ids.into_iter().map(|id| id.0)));
    select
}

/// How many runs match, by looking at them: for filters that the counters can't answer.
#[must_use]
pub fn count_run_list(filter: &RunFilter, now: Timestamp) -> SelectStatement {
    let mut count = Query::select();
    count.expr(Func::count(Expr::col(Asterisk))).from(RUN);
    if let Some(condition) = matching(filter, now) {
        count.cond_where(condition);
    }
    count
}
